// pool.js PORT MESSAGES CONNECTIONS FILL: personal mail through nodemailer's pool, as its
// documentation has it: messages are handed over while the pool is idle. The text and the HTML
// hold FILL bytes of filling each. Ends with 1 when a message was not accepted.
'use strict';
const nodemailer = require(require.resolve('nodemailer', {paths: [process.cwd()]}));

const [port, wanted, connections, fill] = process.argv.slice(2).map(Number);
const line = 'The hall is closed on Friday, the meeting is on Saturday.\n';
const filling = line.repeat(Math.floor(fill / line.length));
const pool = nodemailer.createTransport({
	host: '127.0.0.1', port, pool: true, maxConnections: connections, maxMessages: Infinity,
	ignoreTLS: true, name: 'client.example',
});
let next = 0, done = 0, refused = 0;

function letter(n) {
	return {
		from: {name: 'Association Exemple', address: 'contact@asso.example'},
		envelope: {from: 'returns@asso.example', to: `member${n}@town${n % 997}.example`},
		to: {name: `Jeanne${n % 1000} Exemple`, address: `member${n}@town${n % 997}.example`},
		subject: `Jeanne${n % 1000}, our news of the month`,
		text: `Dear Jeanne${n % 1000},\n\nyour number is M${n}.\n${filling}`,
		html: `<!doctype html>\n<html lang="en"><body><p>Dear Jeanne${n % 1000},</p>\n` +
			`<p>your number is <strong>M${n}</strong>.</p>\n<p>${filling}</p></body></html>\n`,
	};
}

function ended(error) {
	if (error) {
		refused++;
		console.error(error.message);
	}
	if (++done === wanted)
		pool.close();
}

pool.on('idle', () => {
	while (pool.isIdle() && next < wanted)
		pool.sendMail(letter(next++), ended);
});
process.on('exit', () => {
	process.exitCode = refused === 0 && done === wanted ? 0 : 1;
});
