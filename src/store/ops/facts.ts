import type { Op } from './op.ts';

/** The first telling of a fact is kept, whichever process it comes from; every telling gets the one that is kept. */
export const keepFact: Op<{ name: string; value: string }, string> = {
  durable: true,
  run: async (session, { name, value }) => {
    await session.run('insert into store_facts (name, value) values (?, ?) on conflict do nothing', name, value);
    const kept = await session.get<{ value: string }>('select value from store_facts where name = ?', name);
    return kept!.value;
  },
};

export const setFact: Op<{ name: string; value: string }, void> = {
  durable: true,
  run: async (session, { name, value }) => {
    await session.run(
      'insert into store_facts (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      name,
      value,
    );
  },
};
