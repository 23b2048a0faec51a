import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** What a name server says: names of addresses and addresses of names; everything else is unknown to it. */
type Zone = Readonly<Record<string, readonly string[]>>

const TYPES = { 1: 'A', 12: 'PTR', 28: 'AAAA' } as const

const labels = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ])

const readName = (message: Buffer): { name: string; end: number } => {
  const parts: string[] = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    parts.push(message.subarray(at + 1, at + 1 + length).toString())
    at += length + 1
  }
  return { name: parts.join('.'), end: at + 1 }
}

const recordOf = (type: number, value: string): Buffer => {
  const data = type === 12 ? labels(value) : Buffer.from(value.split('.').map(Number))
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length])
  return Buffer.concat([head, data])
}

const answerTo = (message: Buffer, zone: Zone): Buffer => {
  const { name, end } = readName(message)
  const type = message.readUInt16BE(end)
  const known = Object.keys(zone).some((key) => key.endsWith(` ${name}`))
  const values = zone[`${TYPES[type as keyof typeof TYPES]} ${name}`] ?? []
  const head = Buffer.from(message.subarray(0, 12))
  head.writeUInt16BE(known ? 0x8180 : 0x8183, 2)
  head.writeUInt16BE(values.length, 6)
  head.fill(0, 8)
  return Buffer.concat([head, message.subarray(12, end + 4), ...values.map((value) => recordOf(type, value))])
}

/** A name server on loopback; a zone of `null` never answers. */
export const testNameServer = async (zone: Zone | null): Promise<{ address: string } & AsyncDisposable> => {
  const socket = createSocket('udp4')
  socket.on('message', (message, { port, address }) => {
    if (zone) socket.send(answerTo(message, zone), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
}
