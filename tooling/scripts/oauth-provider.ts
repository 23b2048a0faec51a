import { testOAuthProvider } from '@plinth/testing/outside'

// Plays Google, GitHub and Facebook on loopback, to try signing in out; whoever comes is Grace Hopper.
const [page = 'http://127.0.0.1:3000'] = process.argv.slice(2)
const { env } = await testOAuthProvider({
  page,
  somebody: {
    subject: '1906',
    name: 'Grace Hopper',
    email: 'grace@example.com',
    emailVerified: true,
  },
})
for (const [name, value] of Object.entries(env())) console.log(`export ${name}=${value}`)
