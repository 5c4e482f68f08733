/** Invented people and places of the sample companies. Any likeness is chance. */

export const firstNames = (
  'Amara Tomas Ines Nora Jonas Selma Elif Mateo Priya Oskar Lina Hugo Zofia Milan Freya Ravi Chiara Anders Leila Pavel ' +
  'Maren Diego Yuki Sanne Emeka Alba Viktor Noor Kasper Ilse Rohan Marta Felix Aisha Bruno Greta Samir Elena Niko Tuva ' +
  'Jack Beatriz Ola Hana Idris Karin Luca Mira Stefan Wanda Søren Zoë Łukasz José Márta Åsa Renée Jürgen Chloé Đorđe ' +
  'Farah Gustav Helmi Ivo Jana Kofi Lotte Magnus Nadia Otto Petra Quinn Rosa Sven Tara Uma Vera Wim Xenia Yusuf'
).split(' ');

export const lastNames = (
  'Lindqvist Verne Okafor Halvorsen Berg Moreau Tanaka Rossi Novak Petrov Jansen Silva Haugen Keller Duarte Marchetti ' +
  'Dahl Eriksen Fonseca Grant Hoffmann Ibrahim Jovanovic Kowalska Larsen Mbeki Nilsen Oyelaran Pereira Quist Rahman ' +
  'Sandberg Tveit Ueda Vasquez Weber Yildiz Zeman Almeida Brandt Castellano Demir Engel Farkas Gallo Holm Iversen ' +
  'Järvinen Kaya Lefèvre Müller Nygård Ødegaard Paşa Røed Šimić Thorsen Vang Wójcik Żak O’Brien Núñez Strand Fjeld ' +
  'Aas Bakke Coelho Drummond Eide Foss Gundersen Hagen Isaksen Jensen Kvam Lund Myhre Næss Opsahl Prestegard Rud Solheim'
).split(' ');

export type Department = {
  readonly name: string;
  readonly division: string;
  /** Its share of the people. */
  readonly share: number;
  readonly titles: readonly string[];
};

export const departments: readonly Department[] = [
  {
    name: 'Production',
    division: 'Operations',
    share: 24,
    titles: ['Line Operator', 'Shift Supervisor', 'Process Engineer'],
  },
  {
    name: 'Warehouse & Logistics',
    division: 'Operations',
    share: 14,
    titles: ['Picker', 'Forklift Driver', 'Route Planner'],
  },
  {
    name: 'Quality',
    division: 'Operations',
    share: 7,
    titles: ['Food Safety Specialist', 'Lab Technician', 'Quality Auditor'],
  },
  {
    name: 'Maintenance',
    division: 'Operations',
    share: 6,
    titles: ['Electrician', 'Maintenance Planner', 'Automation Engineer'],
  },
  {
    name: 'Sales',
    division: 'Commercial',
    share: 12,
    titles: ['Key Account Manager', 'Sales Representative', 'Category Analyst'],
  },
  {
    name: 'Marketing',
    division: 'Commercial',
    share: 5,
    titles: ['Brand Manager', 'Content Producer', 'Market Analyst'],
  },
  {
    name: 'Customer Service',
    division: 'Commercial',
    share: 9,
    titles: ['Service Agent', 'Team Coach', 'Complaints Specialist'],
  },
  { name: 'Finance', division: 'Finance', share: 6, titles: ['Accountant', 'Controller', 'Accounts Payable Clerk'] },
  { name: 'Payroll', division: 'Finance', share: 2, titles: ['Payroll Lead', 'Payroll Specialist'] },
  { name: 'Procurement', division: 'Finance', share: 4, titles: ['Buyer', 'Contract Manager', 'Sourcing Analyst'] },
  { name: 'People & Culture', division: 'Corporate', share: 4, titles: ['HR Partner', 'Recruiter', 'Trainer'] },
  { name: 'IT', division: 'Corporate', share: 5, titles: ['Support Engineer', 'System Administrator', 'Developer'] },
  { name: 'Legal', division: 'Corporate', share: 2, titles: ['Counsel', 'Paralegal'] },
];

export const locations = [
  { name: 'Halden', language: 'Norwegian', phone: '+47 555' },
  { name: 'Lisbon', language: 'Portuguese - Portugal', phone: '+351 555' },
  { name: 'Łódź', language: 'Polish', phone: '+48 555' },
  { name: 'Rotterdam', language: 'Dutch', phone: '+31 555' },
  { name: 'Tromsø', language: 'Norwegian', phone: '+47 556' },
  { name: 'Boston', language: 'English - United States', phone: '+1 555' },
  { name: 'Leeds', language: 'English - United Kingdom', phone: '+44 555' },
  { name: 'Zürich', language: 'German', phone: '+41 555' },
] as const;

/** Groups that people are put into by hand. */
export const consoleGroups = [
  'Board & assistants',
  'Finance – All',
  'Phish! testers',
  'Årsmøte 2025',
  'Works council <EU>',
  'First aid',
  'Travel a lot',
  'External consultants',
  'Security champions',
  'Pilot: password manager',
] as const;

export const archivedGroups = ['Old payroll project', 'Merger 2024 "Norrøna"', 'Interns 2024'] as const;

export const templates = [
  { id: 40101, name: 'Parcel could not be delivered', difficulty: 2, type: 'system', action: 'data' },
  { id: 40102, name: 'Invoice 4471 is overdue', difficulty: 3, type: 'system', action: 'attachment' },
  { id: 40103, name: 'Your mailbox is full', difficulty: 1, type: 'system', action: 'data' },
  { id: 40104, name: 'New canteen menu (QR)', difficulty: 4, type: 'user', action: 'qr' },
  { id: 40105, name: 'Shared document: salary review', difficulty: 5, type: 'system', action: 'macro' },
  { id: 40106, name: 'Question from your manager', difficulty: 5, type: 'system', action: 'reply' },
] as const;

export const categories = [
  { category_id: 935, name: 'Phishing for sensitive information' },
  { category_id: 941, name: 'Current events & news' },
  { category_id: 948, name: 'Online services' },
] as const;

export const networks = [
  { ip: '192.0.2.', place: 'Halden, Norway' },
  { ip: '198.51.100.', place: 'Lisbon, Portugal' },
  { ip: '203.0.113.', place: 'Rotterdam, Netherlands' },
] as const;

/** Where the mail filter runs that follows links by itself, and what it says it is. */
export const mailFilter = {
  network: { ip: '198.18.7.', place: 'Dublin, Ireland' },
  browser: { browser: 'Chrome', version: '120.0', os: 'Linux' },
} as const;

export const browsers = [
  { browser: 'Chrome', version: '141.0', os: 'Windows' },
  { browser: 'Edge', version: '140.0', os: 'Windows' },
  { browser: 'Safari', version: '26.0', os: 'macOS' },
  { browser: 'Mobile Safari', version: '26.0', os: 'iOS' },
] as const;
