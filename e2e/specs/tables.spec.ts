// Tables: sorted, filtered, turned page by page and with chosen columns, by links and forms alone. Without JavaScript it
// is the same; what only JavaScript adds is in `tables.live.spec.ts`.
import { ctl, expect, logIn, test } from '../fixtures/index.ts';
import type { Page } from '@playwright/test';

/** What stands in a column, from the first row to the last. */
async function column(page: Page, title: string): Promise<string[]> {
  const cells = page.locator(`.listing td[data-label="${title}"]`);
  return (await cells.allInnerTexts()).map((text) => text.trim());
}

const head = (page: Page, title: string) => page.locator('.listing').getByRole('columnheader', { name: title });

const names = (page: Page) => page.locator('.listing .row-link').allInnerTexts();

test.beforeEach(async ({ page, demo }) => logIn(page, demo, 'operator'));

test('the head of a column sorts, and once more turns the order', async ({ page }) => {
  await page.goto('/estate');
  const memoryHead = head(page, 'Memory');
  await memoryHead.getByRole('link').click();
  await expect(memoryHead).toHaveAttribute('aria-sort', 'ascending');
  await expect(page).toHaveURL(/sort=memory/);
  const up = await names(page);
  await memoryHead.getByRole('link').click();
  await expect(memoryHead).toHaveAttribute('aria-sort', 'descending');
  const memory = (await column(page, 'Memory')).map((text) => parseFloat(text) * (text.includes('GiB') ? 1024 : 1));
  expect(memory).toEqual([...memory].sort((one, other) => other - one));
  expect(await names(page)).not.toEqual(up);
  await page.goBack();
  expect(await names(page), 'the back button undoes a sort').toEqual(up);
});

test('a search stays in the address and keeps the order', async ({ page }) => {
  await page.goto('/estate?sort=machine&order=down');
  const search = page.getByRole('search', { name: 'In this table' });
  await search.getByRole('searchbox').fill('db');
  await search.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/q=db/);
  await expect(page).toHaveURL(/order=down/);
  const found = await names(page);
  expect(found.length).toBeGreaterThan(0);
  expect(found).toEqual([...found].sort((one, other) => other.toLowerCase().localeCompare(one.toLowerCase(), 'en')));
  await page.getByRole('link', { name: 'Show all' }).click();
  expect((await names(page)).length).toBeGreaterThan(found.length);
});

test('columns and order are chosen in a form', async ({ page }) => {
  await page.goto('/estate?q=db01');
  await page.getByText('Order and columns').click();
  const form = page.getByRole('form', { name: 'Order and columns' });
  await form.getByLabel('MAC addresses').check();
  await form.getByLabel('Memory').uncheck();
  await form.getByLabel('Sorted by').selectOption({ label: 'CPUs' });
  await form.getByLabel('Order', { exact: true }).selectOption({ label: 'Z to A, largest first' });
  await form.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/q=db01/);
  await expect(head(page, 'CPUs')).toHaveAttribute('aria-sort', 'descending');
  await expect(head(page, 'Memory')).toHaveCount(0);
  expect((await column(page, 'MAC addresses')).join()).toContain('00:21:f6:');
});

test('a long table is turned page by page', async ({ page, demo }) => {
  const tags = Array.from({ length: 55 }, (_, at) => `tag${String(at).padStart(2, '0')}`);
  tags.forEach((name) => ctl(demo, 'execute', `create Tag name=${name}`));
  await logIn(page, demo, 'admin');
  await page.goto('/estate');
  await page.getByRole('link', { name: 'Demo Manager', exact: true }).first().click();
  const estate = page.url();
  await page.getByRole('button', { name: 'Refresh the estate' }).click();
  await expect(page.getByText('Estate refreshed')).toBeVisible();
  await page.goto(`${estate}/objects/Tag`);
  const pages = page.getByRole('navigation', { name: 'Pages of the table' });
  const first = await names(page);
  expect(first).toHaveLength(50);
  await pages.getByRole('link', { name: 'Next' }).click();
  await expect(page).toHaveURL(/page=2/);
  const second = await names(page);
  expect([...first, ...second].filter((name) => tags.includes(name))).toEqual(tags);
  await head(page, 'Name').getByRole('link').click();
  await expect(page, 'another order begins at the first page').not.toHaveURL(/page=/);
  expect(await names(page)).toHaveLength(50);
  await page.goto(`${page.url()}&rows=100`);
  await expect(pages).toHaveCount(0);
});

test('pressing a row anywhere opens what it is about', async ({ page }) => {
  await page.goto('/estate?q=archive01');
  // The link of the row lies over its cells.
  await page.locator('.listing tbody tr').first().locator('td[data-label="CPUs"]').click({ force: true });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('archive01');
});
