import { eventually } from '@plinth/db/testing'
import { expect, test } from 'vitest'
import { call, openSocket, type StreamServer, streamServer } from '../test/streams.ts'

const AS_ADA = { authorization: 'Bearer ada' }

/** Both ways to follow a subscription; each answers all that came so far. */
const ways = {
  'an event stream': async ({ url }: StreamServer) => {
    const { body } = await fetch(`${url}/trpc/shop.works.own`, { headers: AS_ADA })
    let text = ''
    const read = async () => {
      for await (const chunk of body ?? []) text += Buffer.from(chunk).toString()
    }
    const reading = read()
    return { text: () => text, end: () => reading }
  },
  'a WebSocket': async ({ url }: StreamServer) => {
    const { socket, got, send } = await openSocket(url, AS_ADA)
    send(call(1, 'subscription', 'own'))
    return { text: () => JSON.stringify(got), end: async () => socket.terminate() }
  },
}

test.each(Object.entries(ways))(
  'a subscription over %s ends within a minute of its login',
  async (_, follow) => {
    await using server = await streamServer()
    const { world, clock } = server
    const following = await follow(server)
    const given = (value: number) => eventually(() => expect(following.text()).toContain(`"value":${value}`))
    const giveNext = async () => {
      await eventually(() => expect(world.next).toHaveLength(1))
      for (const next of world.next.splice(0)) next()
    }
    await given(1)
    clock.advance(61_000)
    await giveNext()
    await given(2)
    world.revoked = true
    clock.advance(30_000)
    await giveNext()
    await given(3)
    clock.advance(31_000)
    await giveNext()
    await eventually(() => expect(following.text()).toContain('TOKEN_REVOKED'))
    expect(following.text()).not.toContain('"value":4')
    await eventually(() => expect(server.composed.app.gates.subscriptions.inFlight()).toBe(0))
    await following.end()
  },
)
