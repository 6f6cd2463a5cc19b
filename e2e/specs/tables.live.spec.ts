// What JavaScript adds to tables: rows are filtered while one types, and the arrow keys go from row to row.
import { expect, logIn, test } from '../fixtures/index.ts';

test('rows are filtered while one types, and the arrow keys go from row to row', async ({ page, demo, alive }) => {
  await logIn(page, demo, 'viewer');
  await page.goto('/estate');
  await alive();
  const rows = page.locator('.listing tbody tr:visible');
  const all = await rows.count();
  const field = page.getByRole('search', { name: 'In this table' }).getByRole('searchbox');
  await field.fill('db');
  await expect(rows).not.toHaveCount(all);
  await field.fill('');
  await expect(rows).toHaveCount(all);
  const links = rows.locator('.row-link');
  await links.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(links.first()).toBeFocused();
  const name = await links.first().innerText();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
});
