import { html } from 'hono/html'
import { page } from './page.ts'

/** Where a link to set a new password leads when there is no web frontend yet; `path` is the route that sets it. */
export const resetPasswordPage = (token: string, path: string) =>
  page(
    'Set a new password',
    html`<p id="answer">Choose a password of at least 10 characters that nobody guesses.</p>
      <form id="reset" data-token="${token}" data-path="${path}">
        <input id="password" type="password" autocomplete="new-password" aria-label="New password" required />
        <button>Set password</button>
      </form>
      <script src="/reset-password.js"></script>`,
  )

/** The script of that page. */
export const resetPasswordScript = `
const form = document.querySelector('#reset')
const answer = document.querySelector('#answer')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const newPassword = document.querySelector('#password').value
  const response = await fetch(form.dataset.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: form.dataset.token, newPassword }),
  })
  const body = await response.json()
  const why = (body.errors ?? []).map(({ message }) => 'It ' + message + '.').join(' ')
  answer.textContent = response.ok ? 'Your password is set: you can sign in.' : body.detail + ' ' + why
  form.hidden = response.ok
})
`
