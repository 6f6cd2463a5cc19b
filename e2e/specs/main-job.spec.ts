// The main job, as a person does it: protect a machine, back it up, lose its disk, get it back with the consent of a
// second person, and keep it or go back. Bytes are compared behind the program's back.
import { ctl, expect, logIn, test, type Demo } from '../fixtures/index.ts';
import { putUnderTest } from '../fixtures/policy.ts';
import type { Page } from '@playwright/test';

test.describe.configure({ mode: 'serial' });
test.setTimeout(300_000);

async function openMachine(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Estate' }).first().click();
  await page.getByRole('link', { name, exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** The page of a run shows by itself how it went on; without JavaScript it loads itself again. */
async function untilRunSays(page: Page, words: string): Promise<void> {
  const state = page.locator('#run-state');
  await expect(async () => {
    await page.reload();
    await expect(state).toContainText(words, { timeout: 2_000 });
  }).toPass({ timeout: 180_000, intervals: [1_000] });
}

async function backUp(page: Page, name: string): Promise<void> {
  await openMachine(page, name);
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByRole('heading', { name: 'Steps' })).toBeVisible();
  await page.getByRole('button', { name: `Back up ${name} now` }).click();
  await expect(page.locator('#run-state')).toBeVisible();
  await untilRunSays(page, 'Succeeded');
}

async function requestRestore(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Recovery points' }).first().click();
  await page.getByRole('row', { name }).locator('a[href^="/points/"]').first().click();
  await page.getByRole('button', { name: 'Plan the restore' }).click();
  await page.getByLabel('Reason').fill('Somebody has overwritten the disk');
  await page.getByLabel(`Type ${name} to confirm`).fill(name);
  await page.getByRole('button', { name: `Request overwriting ${name}` }).click();
}

const hashes = (demo: Demo, name: string, slots: number[]) =>
  slots.map((slot) => ctl(demo, 'disk-hash', name, String(slot)));

test('a machine with disks in two repositories comes back after approval and is committed', async ({ page, demo }) => {
  const [name, slots] = ['erp-app01', [0, 1]];
  const before = hashes(demo, name, slots);
  await logIn(page, demo, 'operator');
  await openMachine(page, name);
  await page.getByLabel('Protection policy').selectOption({ label: 'Production' });
  await page.getByRole('button', { name: 'Set policy' }).click();
  await backUp(page, name);

  await page.getByRole('link', { name: 'Recovery points' }).first().click();
  await page.getByRole('row', { name }).locator('a[href^="/points/"]').first().click();
  await expect(page.getByText('Not included', { exact: true })).toBeVisible();
  for (const file of ['vm.cfg', 'rebuild.ovmcli', 'manifest.json']) {
    const response = await page.request.get(await page.getByRole('link', { name: file }).getAttribute('href') as string);
    expect(response.status()).toBe(200);
    expect((await response.body()).length).toBeGreaterThan(100);
  }

  slots.forEach((slot) => ctl(demo, 'scribble', name, String(slot)));
  expect(hashes(demo, name, slots)).not.toEqual(before);
  await requestRestore(page, name);
  await expect(page.getByText('Waiting for approval').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0);
  const address = page.url().split('?')[0];
  // Not the visible text: copy buttons show only once scripts have come.
  const plan = await page.locator('.procedure').textContent();

  await logIn(page, demo, 'approver');
  await page.goto(address);
  expect(await page.locator('.procedure').textContent()).toBe(plan);
  await page.getByLabel(`Type ${name} to confirm`).fill(name);
  await page.getByRole('button', { name: /^Approve overwriting/ }).click();
  await expect(page.getByText('Approved').first()).toBeVisible();

  await logIn(page, demo, 'operator');
  await page.goto(address);
  await page.getByRole('link', { name: /run/i }).last().click();
  await untilRunSays(page, 'Waiting for a person');
  expect(hashes(demo, name, slots)).toEqual(before);
  const commit = page.locator('form').filter({ has: page.getByRole('button', { name: /^Commit/ }) });
  await commit.getByRole('textbox').fill(name);
  await commit.getByRole('button', { name: /^Commit/ }).click();
  await untilRunSays(page, 'Succeeded');
  expect(hashes(demo, name, slots)).toEqual(before);
  expect(ctl(demo, 'orphans')).toEqual({ objects: [], files: [], locks: [] });

  await logIn(page, demo, 'auditor');
  await page.getByRole('link', { name: 'Audit' }).first().click();
  for (const event of ['backup.started', 'point.published', 'restore.requested', 'restore.approved', 'restore.committed']) {
    await expect(page.getByText(event).first()).toBeVisible();
  }
});

test('a restore that is rolled back leaves the overwritten bytes', async ({ page, demo }) => {
  const name = 'web01';
  await putUnderTest(page, demo, name);
  await backUp(page, name);
  ctl(demo, 'scribble', name, '0');
  const overwritten = hashes(demo, name, [0]);
  await requestRestore(page, name);
  await page.getByRole('link', { name: /run/i }).last().click();
  await untilRunSays(page, 'Waiting for a person');
  expect(hashes(demo, name, [0])).not.toEqual(overwritten);
  const back = page.locator('form').filter({ has: page.getByRole('button', { name: /^Roll back/ }) });
  await back.getByRole('textbox').fill(name);
  await back.getByRole('button', { name: /^Roll back/ }).click();
  await untilRunSays(page, 'Rolled back');
  expect(hashes(demo, name, [0])).toEqual(overwritten);
  expect(ctl(demo, 'orphans')).toEqual({ objects: [], files: [], locks: [] });
});
