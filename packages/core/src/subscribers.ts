import type { Subscriber } from '@plinth/kit'
import { accountNotices } from './accounts/notices.ts'
import { passwordMails } from './accounts/password-mails.ts'
import { verificationMails } from './accounts/verification.ts'
import type { RequestGuard } from './guard/guard.ts'
import { tellGuards } from './guard/tell.ts'
import { identityMails } from './identities/mails.ts'
import { sendCodes } from './otp/send.ts'
import { forgetImages } from './portals/image.ts'
import { portalMails } from './portals/invite.ts'
import { factorMails } from './second-factors/mails.ts'
import type { CoreDeps } from './settings.ts'

/** What follows from the events of this system. */
export const subscribersOf = (deps: CoreDeps, guard: RequestGuard): readonly Subscriber[] => [
  ...verificationMails(deps),
  ...accountNotices(deps),
  ...factorMails(deps),
  ...identityMails(deps),
  ...portalMails(deps),
  forgetImages(deps.files),
  passwordMails(deps),
  sendCodes(deps),
  tellGuards(guard),
]
