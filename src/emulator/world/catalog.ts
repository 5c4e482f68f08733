import { DAY, instant } from '../time.ts';
import type { Policy, StorePurchase } from './records.ts';

const modules: readonly [name: string, type: string, minutes: number | null, more?: Partial<StorePurchase>][] = [
  ['First week: how we stay safe', 'Training Module', 20],
  ['Report it: the button', 'Video', 4],
  ['The annual course', 'Training Module', 40],
  ['Know what you have learned', 'Assessment', 15],
  ['Invoice fraud basics', 'Training Module', 25],
  ['Ransomware, told by a baker', 'Video', 12],
  ['The voice on the phone', 'Game', 10],
  ['After the click', 'Training Module', 8],
  ['Personal data in five minutes', 'Video', 5, { retired: true }],
  ['Passkeys & password managers', 'Mobile-First Module', 10],
  ['Safe on the road', 'Training Module', 15, { description: null, publisher: null }],
  ['AI tools: what may go in?', 'Training Module', 18, { publish_date: null }],
  ['Poster: think <before> you scan', 'Poster', null],
];

/** What the company has bought, in its own words. */
export const purchases = (begin: number): StorePurchase[] =>
  modules.map(([name, type, duration, more], i) => ({
    store_purchase_id: 7301 + i * 2,
    content_type: 'Store Purchase',
    name,
    description: `${name}. Made up for a sample company.`,
    type,
    duration,
    retired: false,
    retirement_date: more?.retired ? instant(begin - 90 * DAY) : null,
    publish_date: instant(begin - (1100 + i * 9) * DAY),
    publisher: i % 3 === 0 ? 'Paper Lantern Studio' : 'Northlight Learning',
    purchase_date: instant(begin - (734 - i) * DAY),
    policy_url: null,
    ...more,
  }));

export const policies = (): Policy[] =>
  [
    { name: 'Acceptable use of IT', minimum_time: 5, default_language: 'en-us', status: 1 },
    { name: 'Use of AI tools', minimum_time: 3, default_language: 'en-us', status: 1 },
    { name: 'Clean desk (draft) – utkast', minimum_time: 0, default_language: 'no-no', status: 0 },
  ].map((policy, i) => ({ policy_id: 911 + i, content_type: 'Uploaded Policy', ...policy }));
