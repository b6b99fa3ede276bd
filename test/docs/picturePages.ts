/** Pictures of Errand's own page. */

import type { Take } from './pictureTriggers.ts'

export const PAGES: Readonly<Record<string, Take>> = {
  async new(world, camera) {
    await camera.page('new', `${world.errand}/new`, async (page) => {
      await page
        .getByLabel('What is to be done')
        .fill('Add a health check.\n\n`GET /health` answers 200, and has a test.')
      await page.getByRole('combobox', { name: 'Project' }).fill('shop')
      await page.getByRole('option', { name: 'demo/shop' }).click()
      await page.getByText(/At most \$/).waitFor()
      await page.getByLabel('What is to be done').focus()
      return page.getByRole('button', { name: 'Create the task' })
    })
  },

  async task(world, camera) {
    const place = await world.issue('Add a health check')
    const { note } = await world.say(place, '/agent add a health check')
    await world.answered(place, 1)
    await camera.page('task', `${world.errand}/tasks/1-n${note}`, async (page) => {
      await page.getByRole('link', { name: /^Open !\d+$/ }).waitFor()
      await page.locator('.files').getByText('REHEARSAL.md').waitFor()
      await page.getByRole('region', { name: 'Conversation' }).getByText('This was a rehearsal').first().waitFor()
      return page.getByText(/^\d+ lines, /)
    })
  },

  async page(world, camera) {
    const place = await world.issue('Link to the help page')
    const { thread } = await world.say(place, '/agent link to the help page\n\nrehearse: wait 120 s')
    await camera.page('page', world.errand, async (page) => {
      await page.getByText('Running').first().waitFor()
      await page.getByText('waits 120 s').first().waitFor()
      return page.getByRole('row').nth(Math.min(9, (await page.getByRole('row').count()) - 1))
    })
    await world.say(place, '/agent stop', thread)
    await world.answered(place, 1)
  },
}
