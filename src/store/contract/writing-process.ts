/** Run by tests as a process of its own: writes page after page until it is killed. Data folder: the first argument. */
import { openStore } from '../store.ts';
import { aChange, aPage, aPass, aRow, aRun, aUser } from './builders.ts';

const PAGE_ROWS = 50;

const store = await openStore({ folder: process.argv[2]! });
await store.startRun(aRun());
await store.beginPass(aPass());
process.send!('ready');
for (let page = 0; ; page += 1) {
  const rows = Array.from({ length: PAGE_ROWS }, (_, index) => aRow(aUser(String(page * PAGE_ROWS + index))));
  const changes = [aChange({ key: String(page) })];
  await store.commitPage(aPage({ rows, changes, checkpoint: `page:${page + 1}` }));
  process.send!(page);
}
