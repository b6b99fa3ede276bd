import { expect, test } from 'vitest'
import { EXIT } from '../../runtime/protocol.ts'
import { type Attempt, BRANCH, READY } from './attempt.ts'
import { left } from './left.ts'

const show = (attempt: Attempt, format: string, ...range: string[]) =>
  attempt.git('log', `--format=${format}`, ...(range.length > 0 ? range : [`main..${BRANCH}`]))

test('files of every kind: new, changed, removed, ignored, a folder for a file and a file for a folder, a link', async () => {
  const files = {
    ...READY,
    '.gitignore': 'dist/\n',
    'a/b': 'b\n',
    c: 'c\n',
    gone: 'gone\n',
    'with "quotes" ü\n.txt': 'x\n',
  }
  const attempt = await left(
    `mkdir dist && echo no > dist/x; rm -r a && echo a > a; rm c && mkdir c && echo d > c/d; rm gone; ln -s src link
     echo y > $'with "quotes" ü\\n.txt'; printf '#!/bin/sh\\n' > run.sh; chmod +x run.sh`,
    { files },
  )
  expect(await attempt.run()).toBe(0)
  expect(
    attempt
      .git('ls-tree', '-r', '-z', BRANCH)
      .split('\0')
      .filter(Boolean)
      .map((entry) => entry.replace(/ .*\t/, ' '))
      .sort(),
  ).toEqual(
    [
      '100644 .gitignore',
      '100644 CLAUDE.md',
      '100644 README.md',
      '100644 a',
      '100644 agent-setup.sh',
      '100644 c/d',
      '100644 src/a.ts',
      '100644 with "quotes" ü\n.txt',
      '100755 run.sh',
      '120000 link',
    ].sort(),
  )
  expect(attempt.door.outcome?.answer).toBe('Done.')
})

test('commits of its own stay, the last one gets the trailers, and its subject is the title', async () => {
  const attempt = await left(`echo 1 > one; git add one; git commit -qm 'Add one'
    echo 2 > two; git add two; git commit -qm $'Add two\\n\\nBecause.\\n\\nReviewed-by: Nobody <n@example.com>'`)
  expect(await attempt.run()).toBe(0)
  expect(show(attempt, '%an:%s')).toBe('Errand:Add two\nErrand:Add one')
  expect(show(attempt, '%b', '-1', BRANCH)).toBe(
    'Because.\n\nReviewed-by: Nobody <n@example.com>\nCo-authored-by: Dev <dev@example.com>\nErrand-Task: 42-n1337',
  )
  expect(attempt.door.outcome).toMatchObject({ title: 'Add one', pushed: { commits: 2 } })
})

test('a commit of its own and a change on top', async () => {
  const attempt = await left(`echo 1 > one; git add one; git commit -qm 'Add one'; echo 2 > two`)
  expect(await attempt.run()).toBe(0)
  expect(show(attempt, '%s')).toBe('Fix the typo\nAdd one')
})

test('a detached HEAD', async () => {
  const attempt = await left(`git checkout -q --detach; echo 1 > one; git add one; git commit -qm 'Add one'`)
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('show', `${BRANCH}:one`)).toBe('1')
})

test('another branch', async () => {
  const attempt = await left(`git switch -qc feature; echo 1 > one; git add one; git commit -qm 'Add one'`)
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('show', `${BRANCH}:one`)).toBe('1')
  expect(attempt.git('branch', '--list', 'feature')).toBe('')
})

test('committed to the work branch, then switched back to the base', async () => {
  const attempt = await left(`echo 1 > one; git add one; git commit -qm 'Add one'; git switch -q main`)
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('show', `${BRANCH}:one`)).toBe('1')
})

test('a merge with conflicts: the markers are committed, and named', async () => {
  const attempt = await left(
    `git checkout -qb other; echo theirs > README.md; git commit -qam theirs; git checkout -q ${BRANCH}
     echo ours > README.md; git commit -qam ours; git merge -q other`,
  )
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.warnings).toEqual([
    'There are conflict markers left in `README.md`.',
    'The agent left a merge unfinished.',
  ])
  expect(attempt.git('show', `${BRANCH}:README.md`)).toContain('<<<<<<<')
})

test('a merge that is resolved but not committed stays a merge', async () => {
  const attempt = await left(
    `git checkout -qb other; echo theirs > README.md; git commit -qam theirs; git checkout -q ${BRANCH}
     echo ours > README.md; git commit -qam ours; git merge -q other; echo both > README.md; git add README.md`,
  )
  expect(await attempt.run()).toBe(0)
  expect(show(attempt, '%p', '-1', BRANCH).split(' ')).toHaveLength(2)
  expect(attempt.git('show', `${BRANCH}:README.md`)).toBe('both')
  expect(attempt.door.outcome?.warnings).toEqual([])
})

test('a rebase in the middle', async () => {
  const attempt = await left(
    `echo ours > README.md; git commit -qam ours; git checkout -qb other HEAD~; echo theirs > README.md; git commit -qam theirs
     git checkout -q ${BRANCH}; git rebase -q other`,
  )
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.warnings).toContain('The agent left a rebase unfinished.')
  expect(attempt.git('show', `${BRANCH}:README.md`)).toContain('>>>>>>>')
})

test('history that was rewritten on a follow-up is not forced: the result is one more commit', async () => {
  const attempt = await left(`git commit -q --amend -m Rewritten; echo 2 > two; git add two; git commit -qm two`)
  attempt.commit(BRANCH, { one: '1\n' })
  const before = attempt.git('rev-parse', BRANCH)
  expect(await attempt.run()).toBe(0)
  expect(show(attempt, '%P', '-1', BRANCH)).toBe(before)
  expect(attempt.git('show', `${BRANCH}:two`)).toBe('2')
  expect(attempt.door.outcome?.warnings[0]).toContain('rewrote the history')
})

test('a base that was merged in by fast-forward keeps its commits as they are', async () => {
  const attempt = await left('git merge -q --ff-only origin/main')
  attempt.git('branch', BRANCH, 'main')
  attempt.commit('main', { later: 'x\n' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('rev-parse', BRANCH)).toBe(attempt.git('rev-parse', 'main'))
})

test('the branch pushed by the agent itself', async () => {
  const attempt = await left(`echo 1 > one; git add one; git commit -qm 'Add one'; git push -q origin ${BRANCH}`)
  attempt.git('config', 'http.receivepack', 'true')
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome).toMatchObject({ result: 'pushed', pushed: { commits: 1, files: [{ path: 'one' }] } })
})

test('old contents come through the door when the agent asks for them', async () => {
  const attempt = await left(`git show HEAD~1:README.md > old; git log -p > patches`)
  attempt.commit('main', { 'README.md': 'second\n' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('show', `${BRANCH}:old`)).toBe('# Shop')
})

test('the git directory removed, or made anew: the work is a commit on the start', async () => {
  for (const vandalism of ['rm -rf .git', 'rm -rf .git; git init -q; git add .; git commit -qm mine']) {
    const attempt = await left(`echo 1 > one; ${vandalism}`)
    expect(await attempt.run()).toBe(0)
    expect(show(attempt, '%P', '-1', BRANCH)).toBe(attempt.git('rev-parse', 'main'))
    expect(attempt.door.outcome?.pushed?.files).toEqual([{ path: 'one', added: 1, removed: 0 }])
  }
})

test('the working folder removed', async () => {
  const attempt = await left('rm -rf "$PWD"')
  expect(await attempt.run()).toBe(EXIT['agent-error'])
  expect(attempt.door.outcome?.failure?.message).toContain('removed its whole working folder')
})

test('repositories inside the repository are not committed', async () => {
  const attempt = await left(
    `mkdir empty full; git -C empty init -q; git -C full init -q; echo x > full/x; git -C full add .; git -C full commit -qm x; echo 1 > one`,
  )
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('ls-tree', '-r', '--name-only', BRANCH)).not.toMatch(/empty|full/)
  expect(attempt.door.outcome?.warnings).toEqual([
    'Not committed, as they are repositories of their own: `empty/`, `full/`.',
  ])
})

test('a pipe in the place of a file', async () => {
  const attempt = await left('rm README.md; mkfifo README.md pipe; echo 1 > one')
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.pushed?.files).toEqual([{ path: 'one', added: 1, removed: 0 }])
  expect(attempt.door.outcome?.warnings).toEqual(['Not committed, as they cannot be read: `README.md`.'])
})
