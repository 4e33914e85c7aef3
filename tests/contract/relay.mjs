// Stands between the proxy and the sandbox: the proxy reads an empty reply that calls itself JSON as broken JSON
// and fails, and servers do answer so.
//
//   node relay.mjs UPSTREAM     writes its own address and serves until it is ended
import http from 'node:http';

const upstream = new URL(process.argv[2]);
const server = http.createServer((call, answer) => {
  const onward = http.request(upstream, { method: call.method, path: call.url, headers: call.headers }, reply => {
    const headers = { ...reply.headers };
    if (headers['content-length'] === '0') delete headers['content-type'];
    answer.writeHead(reply.statusCode, headers);
    reply.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  call.pipe(onward);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
