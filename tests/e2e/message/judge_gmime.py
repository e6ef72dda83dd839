import gi, sys, json, re
gi.require_version("GMime", "3.0")
from gi.repository import GMime, GLib
sys.path.insert(0,'.')
GMime.init()

def walk(o, depth):
    ct=o.get_content_type()
    kind=("%s/%s"%(ct.get_media_type(),ct.get_media_subtype())).lower() if ct else "text/plain"
    yield depth, kind, o
    if isinstance(o,GMime.Multipart):
        for i in range(o.get_count()):
            yield from walk(o.get_part(i),depth+1)
    elif isinstance(o,GMime.MessagePart):
        m=o.get_message()
        if m is not None and m.get_mime_part() is not None: yield from walk(m.get_mime_part(),depth+1)

def tidy(text):
    text = text.replace("\0", "").replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("\ufffd+", "\ufffd", text).strip("\n")

for line in open(sys.argv[1]):
    rec=json.loads(line)
    raw=open(rec["file"],"rb").read()
    name=rec["file"].split("/")[-1]
    st=GMime.StreamMem.new_with_buffer(raw)
    p=GMime.Parser.new_with_stream(st)
    m=p.construct_message(None)
    if m is None or m.get_mime_part() is None:
        print("NONE",name,len(rec["parts"])); continue
    b=list(walk(m.get_mime_part(),0))
    a=[];hidden=None
    for q in rec["parts"]:
        if hidden is not None and q["depth"]>hidden: continue
        hidden=q["depth"] if q["type"]=="text/rfc822-headers" else None
        a.append(q)
    ta=[(q["depth"],q["type"]) for q in a]; tb=[(d,k) for d,k,_ in b]
    if ta!=tb:
        print("TREE",name);print("   ours  ",ta);print("   theirs",tb); continue
    for q,(d,k,o) in zip(a,b):
        if isinstance(o,GMime.TextPart):
            t=o.get_text() or ""
            x,y=tidy(q["text"]),tidy(t)
            if x!=y:
                i = next((i for i in range(min(len(x), len(y))) if x[i] != y[i]), min(len(x), len(y)))
                print("TEXT",name,k,o.get_header("content-type"),o.get_header("content-transfer-encoding"),len(x),len(y),i);print("   ",repr(x[max(0,i-20):i+40]));print("   ",repr(y[max(0,i-20):i+40]))
