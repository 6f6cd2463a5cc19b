// A second backup target: added, checked while it is away and back, and chosen in a policy.
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, logIn, test } from '../fixtures/index.ts';

const password = 'only for this test';

test('a folder is added as a backup target, checked, and chosen in a policy', async ({ page, demo }) => {
  const mount = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  const folder = join(mount, 'dc2');
  await logIn(page, demo, 'admin');
  await page.goto('/administration');
  await page.getByRole('link', { name: 'Add a backup target' }).click();
  await page.getByLabel('Name', { exact: true }).fill('dc2');
  await page.getByLabel('Folder', { exact: true }).fill(folder);
  await page.getByLabel('Password of the backup target').fill(password);
  await page.getByRole('button', { name: 'Add this backup target' }).click();

  // Nothing is there, and nothing was made. What was entered stays, but for the password.
  await expect(page.locator('#target-make_new-error')).toContainText(`There is no backup target in ${folder}`);
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('dc2');
  await expect(page.getByLabel('Folder', { exact: true })).toHaveValue(folder);
  await expect(page.getByLabel('Password of the backup target')).toHaveValue('');
  await page.getByLabel('Password of the backup target').fill(password);
  await page.getByLabel('Create a new backup target').check();
  await page.getByRole('button', { name: 'Add this backup target' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Backup target dc2');
  await expect(page.getByText('Backup target added.')).toBeVisible();
  await expect(page.getByText('None. Choose it in a protection policy')).toBeVisible();

  const away = join(mount, 'away');
  renameSync(folder, away);
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByRole('alert')).toContainText('This backup target cannot be used');
  await expect(page.getByRole('alert')).toContainText('Check that the right file system is mounted there');
  await page.goto('/administration');
  await expect(page.getByRole('row', { name: 'dc2' })).toContainText('Cannot be used');
  renameSync(away, folder);
  await page.getByRole('link', { name: 'dc2', exact: true }).click();
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByText('The check passed')).toBeVisible();

  await logIn(page, demo, 'owner');
  await page.goto('/protection/new');
  await page.getByLabel('Name', { exact: true }).fill('Second site');
  await expect(page.getByLabel('Backup target')).toHaveValue('first');
  await page.getByLabel('Backup target').selectOption('dc2');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText('Protection policy saved.')).toBeVisible();
  await expect(page.getByLabel('Backup target')).toHaveValue('dc2');
  await page.goto('/protection');
  await expect(page.getByRole('row', { name: 'Second site' })).toContainText('dc2');
  await logIn(page, demo, 'admin');
  await page.goto('/administration/targets/dc2');
  await expect(page.getByRole('link', { name: 'Second site' })).toBeVisible();
  rmSync(mount, { recursive: true });
});

test('a taken name and a wrong place are told at their fields', async ({ page, demo }) => {
  await logIn(page, demo, 'admin');
  await page.goto('/administration/new-target');
  await page.getByRole('link', { name: 'S3-compatible server' }).click();
  await page.getByLabel('Name', { exact: true }).fill('first');
  await page.getByLabel('Address of the server').fill('https://s3.example.com');
  await expect(page.getByLabel('Region')).toHaveValue('us-east-1');
  await page.getByLabel('Bucket').fill('backups');
  await page.getByLabel('Access key ID').fill('AKIAHOLDFAST');
  const send = async () => {
    await page.getByLabel('Secret access key').fill('not a secret');
    await page.getByLabel('Password of the backup target').fill(password);
    await page.getByRole('button', { name: 'Add this backup target' }).click();
  };
  await send();
  await expect(page.locator('#target-name-error')).toContainText('There already is a backup target first.');
  await page.getByLabel('Name', { exact: true }).fill('cloud');
  await page.getByLabel('Address of the server').fill('s3.example.com');
  await send();
  await expect(page.locator('#target-endpoint-error')).toContainText('Begin the address with https://');
  await expect(page.getByLabel('Access key ID')).toHaveValue('AKIAHOLDFAST');
  await expect(page.getByLabel('Secret access key')).toHaveValue('');
});
