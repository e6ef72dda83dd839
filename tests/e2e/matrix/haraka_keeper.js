// The rest of a plug-in of Haraka, which has made `keep` before: whom it takes, and what it took.
/* global keep, DENY, DENYSOFT, OK */
const DSN = require('haraka-dsn')

exports.hook_rcpt = (next, connection, params) => {
    const refusal = keep.refusal(params[0].user)
    if (!refusal) return next(OK)
    const [, code, status, text] = refusal
    next(code < 500 ? DENYSOFT : DENY, DSN.create(code, text, ...status.split('.').slice(1)))
}

exports.hook_queue = (next, connection) => {
    const { transaction, notes } = connection
    transaction.message_stream.get_data(data => {
        if (notes.auth_user) keep.login(notes.auth_method)
        keep.taken(transaction.mail_from.address,
            transaction.rcpt_to.map(rcpt => rcpt.address), data)
        next(OK)
    })
}

// Whoever has logged in may relay, which is another hook.
exports.hook_queue_outbound = exports.hook_queue
