// Pages that follow a run or a request show its end, whatever happens on the way, and disturb nobody who types.
import type { Page } from '@playwright/test';
import { expect, logIn, test } from '../fixtures/index.ts';

/** Puts a machine under a policy and backs it up. */
async function backUp(page: Page, vm: string, policy: string): Promise<void> {
  await page.goto('/estate');
  await page.getByRole('link', { name: vm, exact: true }).first().click();
  await page.getByLabel('Protection policy').selectOption({ label: policy });
  await page.getByRole('button', { name: 'Set policy' }).click();
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByRole('button', { name: `Back up ${vm} now` }).click();
  await expect(page.locator('#run-state')).toContainText('Succeeded', { timeout: 120_000 });
}

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

test('a refresh leaves the filter and the focus where they are', async ({ page, demo, alive }) => {
  test.setTimeout(180_000);
  await logIn(page, demo, 'operator');
  await backUp(page, 'web01', 'Production');
  await page.goto('/runs');
  await alive();
  // From here on each refresh brings one row that the page has not seen before.
  let news = 0;
  await page.route('**/runs', async (route) => {
    if (route.request().resourceType() !== 'fetch') {
      await route.fallback();
      return;
    }
    const answer = await route.fetch();
    news += 1;
    const row = `<tr data-news="${news}"><td>News</td></tr></tbody>`;
    await route.fulfill({ response: answer, body: (await answer.text()).replace('</tbody>', row) });
  });
  // A page that comes to the front again listens anew and fetches what it has missed.
  const refresh = async (): Promise<void> => {
    const next = news + 1;
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    await expect(async () => {
      const shown = await page.locator('[data-news]').first().getAttribute('data-news', { timeout: 500 });
      expect(Number(shown)).toBeGreaterThanOrEqual(next);
    }).toPass({ timeout: 20_000 });
  };
  const link = page.locator('.listing .row-link').first();
  await link.focus();
  await refresh();
  await expect(link).toBeFocused();
  const rows = page.locator('.listing tbody tr:visible');
  const field = page.getByRole('search', { name: 'In this table' }).getByRole('searchbox');
  await field.fill('no run has this');
  await expect(rows).toHaveCount(0);
  await refresh();
  await expect(rows).toHaveCount(0);
  await expect(field).toHaveValue('no run has this');
  await expect(field).toBeFocused();
  await field.fill('news');
  await expect(rows).toHaveCount(1);
});

test('a page of a request shows what others do to it, and leaves alone what is being typed', async ({
  page,
  demo,
  browser,
}) => {
  test.setTimeout(180_000);
  await logIn(page, demo, 'operator');
  await backUp(page, 'win-files', 'Production');
  const request = async (): Promise<string> => {
    await page.goto('/points?q=win-files');
    await page.locator('a[href^="/points/"]').first().click();
    await page.getByRole('button', { name: 'Plan the restore' }).click();
    await page.getByLabel('Reason').fill('Somebody has overwritten the disk');
    await page.getByLabel('Type win-files to confirm').fill('win-files');
    await page.getByRole('button', { name: 'Request overwriting win-files' }).click();
    await expect(page.locator('#request-state')).toContainText('Waiting for approval');
    return page.url().split('?')[0]!;
  };
  const address = await request();

  const context = await browser.newContext({ baseURL: demo.address });
  const approver = await context.newPage();
  await logIn(approver, demo, 'approver');
  await approver.goto(address);
  await expect(approver.locator('html[data-hydrated]')).toBeAttached();
  const remark = approver.getByLabel('Comment (optional)');
  await remark.fill('I am still reading');
  // Another request is news that decides nothing here.
  const refreshed = approver.waitForResponse((answer) => answer.request().resourceType() === 'fetch');
  await request();
  await refreshed;
  await expect(remark).toHaveValue('I am still reading');

  await page.goto(address);
  await page.getByRole('button', { name: 'Withdraw my request' }).click();
  await expect(approver.locator('#request-state')).toContainText('Withdrawn', { timeout: 20_000 });
  await expect(remark).toHaveCount(0);
  await context.close();
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
