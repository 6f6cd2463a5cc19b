// Every page: no violation that axe can find, nothing wider than the screen, and, when PICTURES is set, pictures to look at.
import AxeBuilder from '@axe-core/playwright';
import { ctl, expect, logIn, test } from '../fixtures/index.ts';
import type { Page } from '@playwright/test';

const sizes = {
  wide: { width: 1440, height: 900 },
  laptop: { width: 1280, height: 800 },
  tablet: { width: 1000, height: 1200 },
  narrow: { width: 390, height: 844 },
};
const schemes = ['light', 'dark'] as const;

async function look(page: Page, title: string): Promise<void> {
  for (const scheme of schemes) {
    await page.emulateMedia({ colorScheme: scheme });
    const found = await new AxeBuilder({ page }).analyze();
    const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' ')}`);
    expect(told, `${title}, ${scheme}`).toEqual([]);
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      if (process.env.PICTURES) {
        await page.screenshot({ path: `screenshots/${title}-${size}-${scheme}.png`, fullPage: true });
      }
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${title} is wider than a ${size} screen`).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize(sizes.wide);
  }
}

test('the pages that everybody reads', async ({ page, demo, alive }) => {
  await page.goto('/login');
  await look(page, 'login');
  await logIn(page, demo, 'operator');
  await alive();
  const paths = { overview: '/', estate: '/estate', protection: '/protection', 'policy-new': '/protection/new' };
  for (const [title, path] of Object.entries(paths)) {
    await page.goto(path);
    await look(page, title);
  }
  await page.goto('/estate?sort=memory&order=down&q=db');
  await page.getByText('Order and columns').click();
  await look(page, 'estate-choice');
  for (const path of ['points', 'restores', 'runs', 'account', 'nothing-here']) {
    await page.goto('/' + path);
    await look(page, path);
  }
});

test('the pages of the main job', async ({ page, demo }) => {
  test.setTimeout(240_000);
  await logIn(page, demo, 'operator');
  await page.goto('/estate');
  await page.getByRole('link', { name: 'db01', exact: true }).first().click();
  await page.getByLabel('Protection policy').selectOption({ label: 'Production' });
  await page.getByRole('button', { name: 'Set policy' }).click();
  await look(page, 'vm');
  await page.getByRole('button', { name: 'Back up now' }).click();
  await look(page, 'plan-backup');
  await page.getByRole('button', { name: 'Back up db01 now' }).click();
  await expect(page.locator('#run-state')).toContainText('Succeeded', { timeout: 120_000 });
  await look(page, 'run');
  await page.goto('/points');
  await look(page, 'points-filled');
  await page.getByRole('row', { name: 'db01' }).locator('a[href^="/points/"]').first().click();
  await look(page, 'point');
  await page.getByRole('button', { name: 'Plan the restore' }).click();
  await look(page, 'plan-restore');
  await page.getByLabel('Reason').fill('A look at every page of a request');
  await page.getByLabel('Type db01 to confirm').fill('db01');
  await page.getByRole('button', { name: 'Request overwriting db01' }).click();
  await look(page, 'request');
  const address = page.url();
  await logIn(page, demo, 'approver');
  await page.goto(address);
  await look(page, 'request-approver');
  await page.goto('/');
  await look(page, 'overview-approver');
});

test('the pages of the estate explorer', async ({ page, demo }) => {
  test.setTimeout(240_000);
  await logIn(page, demo, 'admin');
  await page.goto('/administration/console?line=create%20Tag%20name=gold');
  await expect(page.getByText('may change something')).toBeVisible();
  await look(page, 'console-refused');
  await page.getByLabel('Command').fill('list Vm');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.locator('#answer')).toContainText('db01');
  await look(page, 'console');
  // What somebody does at the Manager, so that two revisions differ.
  for (const line of [
    'edit Vm name=pxe-install memory=2048 memoryLimit=2048',
    'edit VirtualDisk name=archive01_data shareable=Yes',
    'create Tag name=critical',
    'stop Vm name=win-files',
  ]) {
    ctl(demo, 'execute', line);
  }
  await page.goto('/administration');
  await page.getByRole('link', { name: 'Demo Manager', exact: true }).click();
  await page.getByRole('button', { name: 'Refresh the estate' }).click();
  await expect(page.getByText('Estate refreshed')).toBeVisible();
  await page.goto('/estate');
  await page.getByRole('link', { name: 'Demo Manager', exact: true }).click();
  await expect(page.getByText(/changes since revision/)).toBeVisible();
  await look(page, 'explorer');
  const explorer = page.url();
  await page.getByRole('link', { name: 'Virtual disks' }).click();
  await page.getByRole('link', { name: 'Size', exact: true }).click();
  await look(page, 'objects');
  await page.goto(`${explorer}/objects/Vm?q=db01`);
  await look(page, 'objects-found');
  await page.goto(`${explorer}/objects/ServerPool`);
  await page.getByRole('link', { name: 'pool01', exact: true }).first().click();
  await look(page, 'object-pool');
  await page.getByRole('link', { name: 'Rebuild script' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('pool01');
  await look(page, 'script');
  await page.emulateMedia({ media: 'print' });
  const hidden = await page.locator('.script').evaluate((script) => script.scrollHeight - script.clientHeight);
  expect(hidden, 'lines that paper would lose').toBeLessThanOrEqual(0);
  await page.emulateMedia({ media: null });
  await page.goto(`${explorer}/objects/Repository`);
  await page.getByRole('link', { name: 'repo-gold', exact: true }).first().click();
  await look(page, 'object');
  await page.goto(`${explorer}/revisions`);
  await look(page, 'revisions');
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText(/Memory .*of VM pxe-install changed/)).toBeVisible();
  await look(page, 'difference');
  await page.getByLabel('Find anything').first().fill('db01');
  await page.getByLabel('Find anything').first().press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('db01');
  await look(page, 'search');
  await logIn(page, demo, 'operator');
  await page.getByRole('link', { name: 'Handbook' }).click();
  await expect(page.getByRole('link', { name: 'ZIP of The whole estate' })).toBeVisible();
  await look(page, 'handbook');
});

test('the pages of administrators and auditors', async ({ page, demo }) => {
  await logIn(page, demo, 'admin');
  const paths = [
    'administration',
    'administration/managers/new',
    'administration/users/new',
    'administration/new-target',
    'administration/targets/first',
  ];
  for (const path of paths) {
    await page.goto('/' + path);
    await look(page, path.replaceAll('/', '-'));
  }
  await page.goto('/administration/new-target?kind=s3');
  await page.getByLabel('Name', { exact: true }).fill('cloud');
  await page.getByLabel('Address of the server').fill('s3.example.com');
  await page.getByLabel('Bucket').fill('backups');
  await page.getByLabel('Access key ID').fill('AKIAHOLDFAST');
  await page.getByLabel('Secret access key').fill('not a secret');
  await page.getByLabel('Password of the backup target').fill('not a secret either');
  await page.getByRole('button', { name: 'Add this backup target' }).click();
  await expect(page.getByText('Begin the address with https://').first()).toBeVisible();
  await look(page, 'administration-new-target-s3-refused');
  await page.goto('/administration');
  await page.getByRole('link', { name: 'operator', exact: true }).click();
  await look(page, 'user');
  await logIn(page, demo, 'auditor');
  await page.goto('/audit');
  await look(page, 'audit');
});
