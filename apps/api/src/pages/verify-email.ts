import { html } from 'hono/html'
import { page } from './page.ts'

/** Where a verification mail leads when there is no web frontend yet: one button, as mail scanners follow links. */
export const verifyEmailPage = (token: string) =>
  page(
    'Verify your email address',
    html`<p id="answer">Press the button to prove that this address is yours.</p>
      <button id="verify" data-token="${token}">Verify</button>
      <script src="/verify-email.js"></script>`,
  )

/** The script of that page. */
export const verifyEmailScript = `
const button = document.querySelector('#verify')
const answer = document.querySelector('#answer')
button.addEventListener('click', async () => {
  button.disabled = true
  const response = await fetch('/api/v1/auth/verify', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: button.dataset.token }),
  })
  const body = await response.json()
  answer.textContent = response.ok ? body.email + ' is verified: you can sign in.' : body.detail
})
`
