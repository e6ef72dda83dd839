// smtp_server.js SETTINGS.json: the smtp-server of Nodemailer on two ports; it ends with SIGTERM.
'use strict'
const crypto = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { SMTPServer } = require('smtp-server')

const set = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const keep = require(path.join(__dirname, 'keep.js'))(set.folder)

function good(auth) {
    if (auth.method === 'XOAUTH2') return auth.accessToken === set.token
    if (auth.method === 'CRAM-MD5') return auth.validatePassword(set.password)
    return crypto.timingSafeEqual(Buffer.from(auth.password.padEnd(99)), Buffer.from(set.password.padEnd(99)))
}

function answer(callback, refusal) {
    const error = new Error(refusal[3])
    error.responseCode = refusal[1]
    callback(error)
}

function listen(port, secure) {
    const server = new SMTPServer({
        secure,
        name: 'relay.example',
        key: fs.readFileSync(set.key),
        cert: fs.readFileSync(set.cert),
        authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'],
        authOptional: true,
        disableReverseLookup: true,
        size: 10485760,
        hideDSN: false,
        hideENHANCEDSTATUSCODES: false,
        onAuth(auth, session, callback) {
            if (auth.username !== set.user || !good(auth)) {
                if (auth.method === 'XOAUTH2') return callback(null, { data: { status: '401', schemes: 'bearer' } })
                return callback(null, { message: 'Wrong name or password' })
            }
            keep.login(auth.method)
            callback(null, { user: auth.username })
        },
        onRcptTo(address, session, callback) {
            const refusal = keep.refusal(address.address)
            return refusal ? answer(callback, refusal) : callback()
        },
        onData(stream, session, callback) {
            const chunks = []
            stream.on('data', chunk => chunks.push(chunk))
            stream.on('end', () => {
                keep.taken(session.envelope.mailFrom.address,
                    session.envelope.rcptTo.map(rcpt => rcpt.address), Buffer.concat(chunks))
                callback(null, 'Taken')
            })
        },
    })
    server.on('error', error => console.error(String(error)))
    server.listen(port, '127.0.0.1')
}

listen(set.ports.starttls, false)
listen(set.ports.implicit, true)
