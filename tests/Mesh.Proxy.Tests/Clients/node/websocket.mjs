// Talks to a WebSocket that sends back what it gets.
// Usage: node websocket.mjs <port> <host>
import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';

const [port, host] = process.argv.slice(2);
const socket = new WebSocket(`ws://127.0.0.1:${port}/chat?room=1`, { headers: { Host: host } });
await once(socket, 'open');

for (const length of [1, 125, 126, 65_535, 65_536, 1_000_000]) {
  const sent = Buffer.alloc(length, 7);
  socket.send(sent);
  const [received, isBinary] = await once(socket, 'message');
  assert.equal(isBinary, true);
  assert.equal(Buffer.compare(received, sent), 0);
}

socket.send('äöü');
assert.equal((await once(socket, 'message'))[0].toString('utf8'), 'äöü');

socket.ping('are you there?');
assert.equal((await once(socket, 'pong'))[0].toString('utf8'), 'are you there?');

socket.close(4001, 'done');
const [code] = await once(socket, 'close');
assert.equal(code, 1000);

console.log('all messages passed');
