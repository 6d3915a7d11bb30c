// A js-libp2p node for the tests: serves echo, sink and reset, prints where it listens, and on
// request runs the same cases against a node of ours. One JSON object a line, in and out.
import { createHash, randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

// Node 22 has it, some packages use it, and node 20 is what many machines have.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((res, rej) => { resolve = res; reject = rej })
  return { promise, resolve, reject }
}

const ECHO = '/test/echo/1'
const SINK = '/test/sink/1'
const RESET = '/test/reset/1'
const MANY = { maxInboundStreams: 256, maxOutboundStreams: 256 }

const say = (object) => process.stdout.write(JSON.stringify(object) + '\n')
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

// Events may have happened before anyone listens, so the state is looked at as well.
async function until (condition, what) {
  const deadline = Date.now() + 30_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('timeout: ' + what)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const remoteClosed = (stream) => stream.remoteWriteStatus === 'closed' || stream.status !== 'open'

const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
  services: { identify: identify(), ping: ping() }
})

await node.handle(ECHO, async (stream) => {
  let echoed = Promise.resolve()
  stream.addEventListener('message', (event) => {
    echoed = echoed.then(async () => {
      if (!stream.send(event.data)) await stream.onDrain()
    })
  })
  await until(() => remoteClosed(stream) && stream.readBufferLength === 0, 'end of echo')
  await echoed
  await stream.close()
}, MANY)

await node.handle(SINK, async (stream) => {
  let count = 0
  stream.addEventListener('message', (event) => { count += event.data.byteLength })
  await until(() => remoteClosed(stream) && stream.readBufferLength === 0, 'end of sink')
  stream.send(new TextEncoder().encode(String(count)))
  await stream.close()
}, MANY)

await node.handle(RESET, (stream) => {
  stream.addEventListener('message', () => stream.abort(new Error('as asked')))
}, MANY)

// Sends bytes, ends its direction, and gives what came back until the other end closed, too.
async function exchange (connection, protocol, bytes) {
  const stream = await connection.newStream(protocol, MANY)
  const received = []
  stream.addEventListener('message', (event) => received.push(Buffer.from(event.data.subarray())))
  for (let at = 0; at < bytes.length; at += 65_536) {
    if (!stream.send(bytes.subarray(at, at + 65_536))) await stream.onDrain()
  }
  await stream.close()
  await until(() => remoteClosed(stream) && stream.readBufferLength === 0, protocol)
  return Buffer.concat(received)
}

const cases = {
  async identity (connection, address) {
    const expected = address.toString().split('/').pop()
    if (connection.remotePeer.toString() !== expected) throw new Error('peer ' + connection.remotePeer)
  },
  async identify (connection) {
    let peer
    const known = () => peer?.protocols.includes(ECHO) && peer.metadata.get('AgentVersion') !== undefined
    for (let i = 0; i < 500 && !known(); i++) {
      peer = await node.peerStore.get(connection.remotePeer)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    if (!known()) throw new Error('protocols ' + peer?.protocols)
  },
  async pings (connection) {
    for (let i = 0; i < 100; i++) await node.services.ping.ping(connection.remotePeer)
  },
  async parallelEcho (connection) {
    await Promise.all(Array.from({ length: 100 }, async () => {
      const bytes = randomBytes(1_000 + Math.floor(Math.random() * 20_000))
      const back = await exchange(connection, ECHO, bytes)
      if (!back.equals(bytes)) throw new Error(`${bytes.length} became ${back.length}`)
    }))
  },
  async largeEcho (connection) {
    const bytes = randomBytes(8 * 1024 * 1024)
    const back = await exchange(connection, ECHO, bytes)
    if (sha256(back) !== sha256(bytes)) throw new Error(`checksum of ${back.length} bytes`)
  },
  async sink (connection) {
    const back = await exchange(connection, SINK, Buffer.alloc(100_000_000))
    if (back.toString() !== '100000000') throw new Error('counted ' + back)
  },
  async reset (connection) {
    const stream = await connection.newStream(RESET, MANY)
    stream.send(new Uint8Array(10))
    await until(() => stream.status === 'reset', 'reset')
  },
  async refusedProtocol (connection) {
    const opened = await connection.newStream('/test/nobody/1').then(() => true, () => false)
    if (opened) throw new Error('a protocol that nobody speaks')
  }
}

async function run (address, wrongAddress) {
  const connection = await node.dial(multiaddr(address))
  for (const [name, body] of Object.entries(cases)) {
    try {
      await body(connection, address)
      say({ case: name, ok: true })
    } catch (error) {
      say({ case: name, ok: false, error: String(error?.stack ?? error) })
    }
  }
  await connection.close()
  const connected = await node.dial(multiaddr(wrongAddress)).then(() => true, () => false)
  say({ case: 'wrongPeer', ok: !connected })
  say({ done: true })
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const request = JSON.parse(line)
    run(request.dial, request.wrong).catch((error) => say({ done: true, error: String(error?.stack ?? error) }))
  })
  .on('close', () => process.exit(0))

say({ listening: node.getMultiaddrs()[0].toString() })
