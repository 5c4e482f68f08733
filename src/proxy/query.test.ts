import { expect, test } from 'vitest';
import { remoteQuery } from './query.ts';

test('what is ours is not sent on, and the rest is, in its order and as often as it came', () => {
  const written =
    'integrated_account_id=acme&environment_id=e&limit=5&next_cursor=&prev_cursor=x&id=77&sort_by[name]=asc&sort_by=x' +
    '&truto_response_format=raw&truto_exclude_fields%5B0%5D=a&status=active&a=1&a=2&q=M%C3%BCller+%26+Co&sort_bye=1';
  expect(String(remoteQuery(written))).toBe('status=active&a=1&a=2&q=M%C3%BCller+%26+Co&sort_bye=1');
});

test('remote_query is sent untouched, also under names that are ours', () => {
  const sent = remoteQuery('remote_query[id]=7&remote_query%5Blimit%5D=9&status=active&remote_query[a][b]=c');
  expect([sent.get('id'), sent.get('limit'), sent.get('status')]).toEqual(['7', '9', 'active']);
});
