// Keeps a page of the sandbox current: asks every second whether it changed, and changes what did. Without it everything works too.

const PERIOD = 1000
const RETRY = 3000
const stale = document.getElementById('stale')

/** The page as it is now, or null if it is the same; parsed by the browser with its scripts switched off. */
function fetchPage(version) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('GET', location.href)
    request.responseType = 'document'
    request.timeout = 10_000
    if (version !== null) request.setRequestHeader('If-None-Match', version)
    request.onload = () => {
      if (request.status === 304) resolve(null)
      else if (request.response === null || request.status >= 500) reject(new Error(`status ${request.status}`))
      else resolve({ page: request.response, version: request.getResponseHeader('ETag') })
    }
    request.onerror = request.ontimeout = () => reject(new Error('no answer'))
    request.send()
  })
}

/** Whether two nodes are the same thing at two times. */
const same = (one, other) => one.nodeName === other.nodeName && (one.id ?? '') === (other.id ?? '')

/** Makes `to` of `from` and leaves alone what is the same: what is typed, chosen, folded and focused stays. */
function become(from, to) {
  if (from.isEqualNode(to)) return
  if (from.nodeType !== Node.ELEMENT_NODE) {
    from.nodeValue = to.nodeValue
    return
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && name !== 'open') from.removeAttribute(name)
  }
  for (const { name, value } of to.attributes) {
    if (name !== 'open' && from.getAttribute(name) !== value) from.setAttribute(name, value)
  }
  let here = from.firstChild
  for (const wanted of [...to.childNodes]) {
    let found = here
    while (found !== null && !same(found, wanted)) found = found.nextSibling
    // What has a name may be further down; anything else is only taken where it stands.
    if (found !== here && !wanted.id) found = null
    if (found === null) {
      from.insertBefore(document.importNode(wanted, true), here)
      continue
    }
    while (here !== found) {
      const gone = here
      here = here.nextSibling
      gone.remove()
    }
    here = found.nextSibling
    become(found, wanted)
  }
  while (here !== null) {
    const gone = here
    here = here.nextSibling
    gone.remove()
  }
}

async function keepCurrent() {
  let version = null
  for (;;) {
    let pause = PERIOD
    try {
      const news = document.hidden ? null : await fetchPage(version)
      if (news !== null) {
        version = news.version
        document.title = news.page.title
        become(document.querySelector('main'), news.page.querySelector('main'))
      }
      stale.hidden = true
    } catch {
      stale.hidden = false
      pause = RETRY
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

addEventListener('keydown', (event) => {
  const { form } = event.target
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !form) return
  form.requestSubmit(form.querySelector('button'))
})

// Choosing is enough where there is a script.
const actor = document.getElementById('actor')
actor?.addEventListener('change', () => actor.form.requestSubmit())

keepCurrent()
