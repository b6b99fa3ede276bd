// Plain JavaScript without imports, so that even an old Node can run it and say what is missing.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `Errand needs Node 22.19 or newer, and this is ${process.version}: run "npm ci" again without --omit=optional (it brings Node 24 on Linux), or install Node 24.`,
  )
  process.exit(1)
}
