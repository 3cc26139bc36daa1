import type { ReadingPage } from './reading-page.ts';

/** Walks through the screens of the user guide, from a draft to a signature, and takes each. */
export async function takeGuidePictures(
  { page, row, press }: ReadingPage,
  take: (name: string) => Promise<void>,
): Promise<void> {
  if (await page.locator('.signed').count()) {
    await page.locator('.signed-buttons button').last().click();
    await page.locator('.draft-state').waitFor();
  }
  await row(1).click();
  await press('a');
  await row(3).click();
  await press('x', '1');
  await row(7).click();
  await press('d');
  await row(1).click();
  await take('review-open');
  await row(2).click();
  await press('x');
  await take('review-reject');
  await press('Escape', 'e');
  await take('review-edit');
  await press('Escape');
  await row(1).click();
  await page.locator('.guideline summary').click();
  await page.locator('[data-input=screening]').selectOption('true');
  await page.locator('[data-input=course]').selectOption('baseline');
  await page.locator('[data-guideline=lungRads] button').click();
  await take('review-guideline');
  await press('y');
  await page.locator('[data-copied]').first().waitFor();
  await take('review-summary');
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await press('Control+Enter');
  await page.locator('.open-list').waitFor();
  await take('review-sign');
  await page.locator('.reject-rest button').click();
  await page.locator('.signed [data-delivery=delivered]').waitFor({ timeout: 60_000 });
  await take('review-signed');
}
