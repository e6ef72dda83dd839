// What a server in JavaScript took and who logged in, a line of JSON each, before its 250 leaves.
'use strict'
const fs = require('node:fs')
const path = require('node:path')

const REFUSALS = [
    ['gone', 550, '5.1.1', 'No such mailbox here'],
    ['later', 451, '4.3.0', 'Come back later'],
]

module.exports = folder => ({
    refusal: address => REFUSALS.find(([start]) => address.startsWith(start)),
    taken: (sender, rcpts, data) =>
        fs.appendFileSync(path.join(folder, 'taken.ndjson'),
            JSON.stringify({ sender, rcpts, data: data.toString('base64') }) + '\n'),
    login: kind =>
        fs.appendFileSync(path.join(folder, 'logins.ndjson'), JSON.stringify(kind.toLowerCase()) + '\n'),
})
