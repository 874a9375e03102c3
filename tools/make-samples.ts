/**
 * Writes samples/customers-1000.csv: 1,000 customers as they come out of real systems, a few of them broken.
 * Seeded, so every run writes the same bytes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';

const ROWS = 1000;
const DUPLICATES = 20;
const HEADER = [
  'Name',
  'Email',
  'Phone',
  'Address',
  'Tags',
  'Total Spend',
  'Visits',
  'Last Visit',
  'Company',
  'Plan',
];

/** Given names and family names, each with its spelling in an address; CJK names have the family name first. */
interface Script {
  given: string[];
  family: string[];
  familyFirst?: boolean;
}

const SCRIPTS: Script[] = [
  {
    given: [
      'Zoë/zoe',
      'José/jose',
      'Søren/soren',
      'Łucja/lucja',
      'Çağla/cagla',
      'Ngọc/ngoc',
      'Ana/ana',
      'Sinéad/sinead',
    ],
    family: [
      'Müller/muller',
      'García/garcia',
      'Åkesson/akesson',
      'Dvořák/dvorak',
      "O'Brien/obrien",
      'Nuñez/nunez',
    ],
  },
  {
    given: ['Emma/emma', 'Liam/liam', 'Grace/grace', 'Noah/noah', 'Maya/maya', 'Owen/owen'],
    family: [
      'Smith/smith',
      'Baker-Jones/baker.jones',
      'Taylor/taylor',
      'Okafor/okafor',
      'Van der Berg/vanderberg',
    ],
  },
  {
    given: ['Анна/anna', 'Дмитрий/dmitry', 'Олена/olena', 'Борис/boris'],
    family: ['Иванова/ivanova', 'Шевченко/shevchenko', 'Петров/petrov', 'Йорданов/yordanov'],
  },
  {
    given: ['Ελένη/eleni', 'Γιώργος/giorgos', 'Σοφία/sofia'],
    family: ['Παπαδοπούλου/papadopoulou', 'Νικολάου/nikolaou', 'Οικονόμου/oikonomou'],
  },
  {
    given: ['伟/wei', '秀英/xiuying', '梓涵/zihan'],
    family: ['王/wang', '李/li', '欧阳/ouyang'],
    familyFirst: true,
  },
  {
    given: ['さくら/sakura', '健太/kenta', 'ユキ/yuki'],
    family: ['佐藤/sato', '高橋/takahashi', '𠮷田/yoshida'],
    familyFirst: true,
  },
  {
    given: ['민준/minjun', '서연/seoyeon', '지우/jiwoo'],
    family: ['김/kim', '박/park', '최/choi'],
    familyFirst: true,
  },
  {
    given: ['فاطمة/fatima', 'محمد/mohamed', 'ليلى/layla'],
    family: ['الحسن/alhasan', 'منصور/mansour', 'حداد/haddad'],
  },
  { given: ['נועה/noa', 'דוד/david', 'תמר/tamar'], family: ['כהן/cohen', 'לוי/levi', 'מזרחי/mizrahi'] },
  { given: ['आरव/aarav', 'प्रिया/priya', 'अनन्या/ananya'], family: ['शर्मा/sharma', 'पटेल/patel', 'गुप्ता/gupta'] },
  { given: ['สมชาย/somchai', 'มาลี/malee'], family: ['ใจดี/jaidee', 'สุขสันต์/suksan'] },
];
const DOMAINS = ['example.com', 'example.org', 'example.net'];
const STREETS = [
  'Market Street',
  'Rue de la Paix',
  'Königsallee',
  'Calle Mayor',
  'Via Roma',
  'ulica Długa',
  '中央通り',
];
const CITIES = [
  'Lisboa',
  'Paris',
  'Düsseldorf',
  'Madrid',
  'Roma',
  'Gdańsk',
  '札幌',
  'Austin',
  'Nairobi',
  'São Paulo',
];
const TAGS = ['vip', 'newsletter', 'wholesale', 'trial', 'churn risk', 'référent', 'β-tester'];
const COMPANIES = [
  'ACME',
  'Müller & Söhne, GmbH',
  'Sunrise "24/7" Logistics',
  '北海道商事',
  'Ápex',
  'Initech',
  '',
];
const PLANS = ['Free', 'Starter', 'Business', 'Enterprise'];
/** Ranges set aside for fiction. */
const PHONE_FORMATS = ['+1 ### 555 01##', '(###) 555-01##', '+1.###.555.01##', '+44 20 7946 0###', ''];

/** mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(20_240_229);
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;

interface Customer {
  name: string;
  email: string;
  phone: string;
  address: string;
  tags: string;
  totalSpend: string;
  visits: string;
  lastVisit: string;
  company: string;
  plan: string;
}

function makeCustomer(number: number): Customer {
  const script = pick(SCRIPTS);
  const [given = '', givenLatin = ''] = pick(script.given).split('/');
  const [family = '', familyLatin = ''] = pick(script.family).split('/');
  const visits = below(120);
  return {
    name: script.familyFirst ? `${family}${given}` : `${given} ${family}`,
    email: `${givenLatin}.${familyLatin}${number}@${pick(DOMAINS)}`,
    phone: pick(PHONE_FORMATS).replace(/#/g, () => String(below(10))),
    address: `${1 + below(250)} ${pick(STREETS)}, ${pick(CITIES)}`,
    tags: TAGS.filter(() => random() < 0.25).join(';'),
    totalSpend: visits === 0 ? '' : `${below(9000)}.${String(below(100)).padStart(2, '0')}`,
    visits: String(visits),
    lastVisit: visits === 0 ? '' : makeVisit(),
    company: pick(COMPANIES),
    plan: pick(PLANS),
  };
}

function makeVisit(): string {
  const instant = new Date(Date.UTC(2022, 0, 1) + below(3 * 365 * 24 * 60) * 60_000).toISOString();
  const day = instant.slice(0, 10);
  return pick([day, day, instant.replace('.000', ''), `${instant.slice(0, 19)}+02:00`]);
}

/** Names and addresses that trip a careless reader, by row. */
const SPECIAL: Record<number, Partial<Customer>> = {
  0: {
    name: 'Ana "Nita" Souza',
    email: 'ana.souza@example.com',
    address: 'Rua das Flores, 12, São Paulo',
  },
  7: { name: "Dr. Siobhán O'Neill, PhD", email: 'siobhan@example.org' },
  41: { address: 'Flat 3\n21 Baker Street\nLondon NW1' },
  300: {
    name: 'Renée 🌻 Lefèvre',
    email: 'renee.lefevre@example.net',
    company: '"Quoted" from start to "end"',
  },
  612: { address: '"The Old Mill"\nMill Lane, Ely' },
  905: { name: '𠮷野 家', email: 'yoshinoya@example.com', tags: 'vip; vip ;;newsletter' },
};

/** What is wrong with the bad rows. A function gets the row's cells and returns the raw line. */
const BAD: Record<number, (cells: string[]) => string> = {
  23: (cells) => line(replaced(cells, 'Name', '')),
  88: (cells) => line(replaced(cells, 'Email', 'not-an-address')),
  147: (cells) => line(replaced(cells, 'Phone', 'call me')),
  215: (cells) => line(cells.slice(0, 6)),
  289: (cells) => line([...cells, 'one too many']),
  356: (cells) => line(replaced(cells, 'Total Spend', '-25.00')),
  431: (cells) => line(replaced(cells, 'Total Spend', '19.995')),
  507: (cells) => line(replaced(cells, 'Visits', '3.5')),
  584: (cells) => line(replaced(cells, 'Last Visit', '2024-02-30')),
  668: (cells) => line(replaced(cells, 'Name', 'Very long name '.repeat(20).trim())),
  777: (cells) => line(replaced(cells, 'Company', 'X')).replace(/,X,/, ',"Acme" Ltd,'),
  951: (cells) => line(replaced(cells, 'Address', '7 Bell\u0007 Street')),
};

/** Repeats an earlier customer, as a second export of another system would: other capitals, newer figures. */
function makeDuplicate(original: Customer, number: number): Customer {
  const email =
    number % 2 === 0 ? original.email.toUpperCase() : original.email.replace(/^./, (c) => c.toUpperCase());
  return { ...original, email, visits: String(Number(original.visits) + 1 + below(5)), plan: pick(PLANS) };
}

function cellsOf(customer: Customer): string[] {
  const { name, email, phone, address, tags, totalSpend, visits, lastVisit, company, plan } = customer;
  return [name, email, phone, address, tags, totalSpend, visits, lastVisit, company, plan];
}

function replaced(cells: string[], column: string, value: string): string[] {
  return cells.with(HEADER.indexOf(column), value);
}

function line(cells: string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}

const duplicateRows = new Set(Array.from({ length: DUPLICATES }, (_, i) => 60 + i * 47));
const originals: Customer[] = [];
const lines = [line(HEADER)];
for (let row = 0; row < ROWS; row++) {
  const breakRow = BAD[row];
  const customer = duplicateRows.has(row)
    ? makeDuplicate(pick(originals), row)
    : { ...makeCustomer(row), ...SPECIAL[row] };
  if (breakRow) {
    lines.push(breakRow(cellsOf(customer)));
  } else {
    if (!duplicateRows.has(row)) originals.push(customer);
    lines.push(line(cellsOf(customer)));
  }
}

const file = new URL('../samples/customers-1000.csv', import.meta.url);
mkdirSync(new URL('.', file), { recursive: true });
writeFileSync(file, `${lines.join('\n')}\n`);
const bad = Object.keys(BAD).length;
console.log(
  `samples/customers-1000.csv: ${lines.length - 1} rows, ${ROWS - bad} valid (${originals.length} customers and ` +
    `${DUPLICATES} duplicates), ${bad} bad`,
);
