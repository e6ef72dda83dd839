# timeout: 240
# The disk is full, the database may not grow, or somebody else holds its lock: sending stops
# with 74 (75 for the lock) before anything goes that cannot be recorded, and a resume does the rest.
. "$ROOT/tests/cli/lib.sh"
need python3
unmount() {
	umount "$T/scene/disk" 2>/dev/null
}
mkdir "$T/scene/disk"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=64m,mode=700 tmpfs "$T/scene/disk" 2>/dev/null; then
	trap 'unmount; harness_end' EXIT
else
	skip 'a full disk' 'only root can mount a small one'
fi
python3 "$ROOT/tests/e2e/diskfull/diskfull.py" "$T/scene" || harness_failed=1
python3 "$ROOT/tests/e2e/diskfull/locked.py" "$T/scene" || harness_failed=1
