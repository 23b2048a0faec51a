import { type Actor, common } from '@plinth/kit'

/** The login that a call is made with. What needs one is closed to limited credentials, such as API keys, which have none. */
export const loginOf = ({ loginId }: Pick<Actor, 'loginId'>): string => {
  if (loginId === null) throw common('SCOPE_MISSING')
  return loginId
}
