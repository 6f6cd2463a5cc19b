// Restores get easier only when a second person approves; stricter at once.
import { expect, logIn, test } from '../fixtures/index.ts';
import { approveChange } from '../fixtures/policy.ts';

test('a policy asks for fewer approvals only after an approval', async ({ page, demo }) => {
  await logIn(page, demo, 'operator');
  await page.goto('/protection/new');
  await page.getByLabel('Name', { exact: true }).fill('Gate');
  await page.getByLabel('Approvers').fill('1');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText('Protection policy saved.')).toBeVisible();
  const policy = page.url().split('?')[0]!;
  await expect(page.locator('#gate-note')).toContainText('must first be approved by one person');

  await page.getByLabel('In-place restores').selectOption('free');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText('must approve this change first').first()).toBeVisible();
  await expect(page.getByLabel('In-place restores')).toHaveValue('free');
  await page.getByLabel('Reason').fill('None of it is production now');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText('Nothing is changed yet.')).toBeVisible();
  await expect(page.locator('#change')).toContainText('needs no approval');
  await expect(page.getByRole('button', { name: /^Approve/ })).toHaveCount(0);

  await approveChange(page, demo, 'Gate');
  await logIn(page, demo, 'operator');
  await page.goto(policy);
  await expect(page.getByLabel('In-place restores')).toHaveValue('free');
  await expect(page.locator('#gate-note')).toHaveCount(0);
  await page.getByLabel('In-place restores').selectOption('approval');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText('Protection policy saved.')).toBeVisible();
});
