// Calls the service test.Echo, whose messages are plain text, in every way gRPC has.
// Usage: node grpc.mjs <port> <authority>
import assert from 'node:assert/strict';
import grpc from '@grpc/grpc-js';

const [port, authority] = process.argv.slice(2);
const toBytes = (text) => Buffer.from(text, 'utf8');
const toText = (bytes) => bytes.toString('utf8');

function method(name, requestStream, responseStream) {
  return {
    path: `/test.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: toBytes,
    requestDeserialize: toText,
    responseSerialize: toBytes,
    responseDeserialize: toText,
  };
}

const Echo = grpc.makeGenericClientConstructor({
  Say: method('Say', false, false),
  Repeat: method('Repeat', false, true),
  Join: method('Join', true, false),
  Chat: method('Chat', true, true),
}, 'Echo');

const open = (name, options = {}) =>
  new Echo(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), { 'grpc.default_authority': name, ...options });

const say = (client, text, options = {}) => new Promise((resolve, reject) =>
  client.Say(text, new grpc.Metadata(), options, (error, answer) => (error ? reject(error) : resolve(answer))));

const read = async (stream) => {
  const messages = [];
  for await (const message of stream) {
    messages.push(message);
  }
  return messages;
};

const client = open(authority);

assert.equal(await say(client, 'hi'), 'hi');
assert.equal((await say(client, 'x'.repeat(1_000_000))).length, 1_000_000);

const repeat = client.Repeat('a');
let trailer;
repeat.on('status', (status) => { trailer = status.metadata.get('x-trailer')[0]; });
assert.deepEqual(await read(repeat), ['a 0', 'a 1', 'a 2']);
assert.equal(trailer, 'end');

const joined = await new Promise((resolve, reject) => {
  const call = client.Join((error, answer) => (error ? reject(error) : resolve(answer)));
  call.write('x');
  call.write('y');
  call.end();
});
assert.equal(joined, 'x y');

// Each message is answered before the next is sent.
const chat = client.Chat();
const answers = chat[Symbol.asyncIterator]();
for (const text of ['1', '2', '3']) {
  chat.write(text);
  assert.equal((await answers.next()).value, `re: ${text}`);
}
chat.end();
assert.equal((await answers.next()).done, true);

await assert.rejects(say(client, 'fail because'), { code: grpc.status.FAILED_PRECONDITION, details: 'because' });

await assert.rejects(say(client, 'wait', { deadline: Date.now() + 300 }), { code: grpc.status.DEADLINE_EXCEEDED });

await assert.rejects(new Promise((resolve, reject) => {
  const call = client.Say('wait', (error, answer) => (error ? reject(error) : resolve(answer)));
  setTimeout(() => call.cancel(), 100);
}), { code: grpc.status.CANCELLED });

const compressing = open(authority, { 'grpc.default_compression_algorithm': 2 });
assert.equal(await say(compressing, 'encoding'), 'gzip');

await assert.rejects(say(open('nobody.shop'), 'hi'), (error) => {
  assert.equal(error.code, grpc.status.UNIMPLEMENTED);
  assert.match(error.details, /^unknown-service: /);
  return true;
});

console.log('all calls passed');
process.exit(0);
