// Who gets in, and where to. Every role sees the ways in that it may take, and no other page answers it.
import { expect, logIn, test } from '../fixtures/index.ts';

const pages: Record<string, string[]> = {
  '/administration': ['admin', 'auditor'],
  '/administration/console': ['admin'],
  '/administration/new-target': ['admin'],
  '/administration/targets/first': ['admin'],
  '/audit': ['auditor'],
  '/handbook': ['restore', 'auditor', 'operator'],
};
const people = ['viewer', 'backup', 'restore', 'owner', 'approver', 'auditor', 'admin', 'operator'];

test('a stranger is led to the login and back', async ({ page, demo }) => {
  await page.goto('/points');
  await expect(page).toHaveURL(/login/);
  await page.getByLabel('Name').fill('viewer');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByText('Incorrect name or password.')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('viewer');
  await page.getByLabel('Password').fill(demo.accounts.find(({ name }) => name === 'viewer')!.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(/points/);
});

for (const name of people) {
  test(`${name} reaches what the role allows and nothing else`, async ({ page, demo }) => {
    await logIn(page, demo, name);
    for (const [path, allowed] of Object.entries(pages)) {
      const answer = await page.goto(path);
      expect(answer!.status(), path).toBe(allowed.includes(name) ? 200 : 403);
    }
    for (const path of ['/', '/estate', '/protection', '/points', '/restores', '/runs', '/account', '/search?q=db01']) {
      expect((await page.goto(path))!.status(), path).toBe(200);
    }
    expect((await page.goto('/nothing/here'))!.status()).toBe(404);
    const cookies = await page.context().cookies();
    expect(cookies.filter(({ httpOnly }) => httpOnly)).toHaveLength(1);
  });
}

test('a viewer is offered no action on a machine', async ({ page, demo }) => {
  await logIn(page, demo, 'viewer');
  await page.goto('/estate');
  await page.getByRole('link', { name: 'web01', exact: true }).first().click();
  await expect(page.getByRole('button', { name: 'Back up now' })).toHaveCount(0);
  await expect(page.getByLabel('Protection policy')).toHaveCount(0);
});
