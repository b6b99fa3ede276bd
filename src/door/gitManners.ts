import { basicPassword, bearer, type Manners } from './admit.ts'
import { sayToGit } from './gitUpstream.ts'

/** git brings its credential as a password, and shows refusals that are plain text. */
export const GIT_MANNERS: Manners = {
  credential: (headers) => basicPassword(headers) ?? bearer(headers),
  refuse: (res, status, words) => {
    if (status === 401) res.set('WWW-Authenticate', 'Basic realm="Errand"')
    sayToGit(res, { status, words })
  },
}
