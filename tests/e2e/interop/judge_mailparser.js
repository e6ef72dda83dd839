// The same with npm mailparser, what many web mail readers are built on:
// "mailparser: N passed, N failed". Run as: node judge_mailparser.js DIR MODULES
'use strict';
const fs = require('fs');
const path = require('path');

const [folder, modules] = process.argv.slice(2);
const { simpleParser } = require(path.resolve(modules, 'mailparser'));

function* differences(mail, want) {
	const fields = [
		['from', 'from_name', 'contact@asso.example'],
		['to', 'to_name', 'ana@example.org'],
		['replyTo', 'reply_name', 'bureau@asso.example'],
	];
	for (const [field, key, address] of fields) {
		const boxes = mail[field].value;
		if (want[key] === undefined) { // blind copies: a group of nobody
			if (boxes.some(box => box.address || (box.group || []).length > 0))
				yield [field, boxes, 'nobody'];
			continue;
		}
		if (boxes.length !== 1 || boxes[0].address !== address)
			yield [field, boxes, address];
		else if (boxes[0].name !== want[key])
			yield [field, boxes[0].name, want[key]];
	}
	if (mail.subject !== want.subject && !(mail.subject === undefined && want.subject === ''))
		yield ['subject', mail.subject, want.subject];
	if (mail.date.getTime() / 1000 !== want.date)
		yield ['date', mail.date, want.date];
	// mailparser gives LF for CRLF, and one LF or nothing for an empty part.
	const lines = text => (text || '').replace(/\r\n/g, '\n').replace(/^\n$/, '');
	if (lines(mail.text) !== lines(want.text))
		yield ['text', mail.text, want.text];
	if (want.html !== undefined && lines(mail.html) !== lines(want.html))
		yield ['html', mail.html, want.html];
}

async function main() {
	let passed = 0, failed = 0;
	const expected = fs.readFileSync(path.join(folder, 'expected.ndjson'), 'utf8');
	for (const line of expected.split('\n').filter(Boolean)) {
		const want = JSON.parse(line);
		const raw = fs.readFileSync(path.join(folder, want.file));
		const mail = await simpleParser(raw,
			{ skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
		const wrong = [...differences(mail, want)];
		for (const [what, got, not] of wrong)
			console.log(`mailparser: ${want.file}: ${what}: ` +
				`${JSON.stringify(got)}, not ${JSON.stringify(not)}`.slice(0, 600));
		if (wrong.length === 0)
			passed++;
		else
			failed++;
	}
	console.log(`mailparser: ${passed} passed, ${failed} failed`);
	process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

main();
