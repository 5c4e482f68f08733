/** Makes people of as many records of each of two sources as the argument says; prints JSON. */
import { joinPeople, type SourceImage } from '../src/sources/join-people.ts';

const count = Number(process.argv[2]);
const image = (source: string): SourceImage => ({
  source,
  people: Array.from({ length: count }, (_, at) => ({
    sourceId: `${source}-${at}`,
    attributes: {
      employee_number: at % 10 === 0 ? null : `E${at}`,
      email: `p${at}@acme.test`,
      first_name: `Given ${at}`,
      last_name: `Number ${at}`,
      job_title: `Clerk ${at % 7}`,
      department: `D${at % 40}`,
      location: `Floor ${at % 9}`,
      manager: `E${Math.floor(at / 10)}`,
      hired_on: '2020-01-01',
      [`only_${source}`]: 'x',
    },
    groups: ['All', `G${at % 30}`],
    active: true,
    absent: null,
  })),
});
const images = [image('hr'), image('ad')];
const rules = { from: ['hr', 'ad'], join: ['employee_number', 'email'], prefer: { department: 'hr', '*': 'ad' } };
const started = performance.now();
const { people } = joinPeople(images, rules);
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, people: people.length, peakMb: process.resourceUsage().maxRSS / 1024 }));
