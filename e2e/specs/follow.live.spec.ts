// A page that follows a run reaches its end, whatever happens on the way.
import { expect, logIn, test } from '../fixtures/index.ts';

test('a page that follows a run gets over refreshes that fail', async ({ page, demo, alive }) => {
  test.setTimeout(180_000);
  await logIn(page, demo, 'operator');
  await page.goto('/estate');
  await page.getByRole('link', { name: 'win-files', exact: true }).first().click();
  await page.getByLabel('Protection policy').selectOption({ label: 'Production' });
  await page.getByRole('button', { name: 'Set policy' }).click();
  await page.getByRole('button', { name: 'Back up now' }).click();
  // All refreshes fail from the start until the run is long over, so that only a further try can show its end.
  let failing = true;
  let failed = 0;
  await page.route('**/runs/*', async (route) => {
    if (failing && route.request().resourceType() === 'fetch') {
      failed += 1;
      await route.abort();
    } else {
      await route.fallback();
    }
  });
  await page.getByRole('button', { name: 'Back up win-files now' }).click();
  await alive();
  await expect(page.locator('#run-state')).not.toContainText('Succeeded');
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(other.locator('#run-state')).toContainText('Succeeded', { timeout: 120_000 });
  await other.close();
  expect(failed).toBeGreaterThan(0);
  failing = false;
  await expect(page.locator('#run-state')).toContainText('Succeeded', { timeout: 30_000 });
});

test('a page wakes up in a window that has no moment of leisure', async ({ page, demo, alive }) => {
  await page.addInitScript(() => {
    window.requestIdleCallback = (work, options) => {
      const late = { didTimeout: true, timeRemaining: () => 0 };
      return options?.timeout ? window.setTimeout(() => work(late), options.timeout) : 0;
    };
  });
  await logIn(page, demo, 'viewer');
  await alive();
});
