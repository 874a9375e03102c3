import type { Step } from './histories';
import type { Changes, Write } from './write';

const A = 'a@example.com';
const B = 'b@example.com';

const create = (email: string): Write => ({ do: 'create', customer: { name: 'Ana', email } });
const change = (ago: number, changes: Changes): Write => ({ do: 'update', ago, changes });
const remove = (ago: number): Write => ({ do: 'delete', ago });
const visit = (ago: number): Write => ({
  do: 'visit',
  ago,
  visit: { spent: '5.00', visits: 1, at: '2026-01-01T00:00:00.000Z', eventId: 'event-1' },
});
/** The write, delivered as one of these places. */
const at = (place: number, write: Write, twin: Step['twin'] = 'none'): Step => ({ write, place, twin });

/** Histories that came out wrong once: what they promise, the writes in the order of acceptance, their deliveries. */
export const KNOWN_HISTORIES: [promise: string, steps: Step[]][] = [
  ['gives an email to who asked first', [at(1, create(A)), at(0, create(A))]],
  ['gives an email that a delete frees to the next', [at(0, create(A)), at(2, remove(0)), at(1, create(A))]],
  ['frees no email for who asked before the delete', [at(0, create(A)), at(2, create(A)), at(1, remove(1))]],
  [
    'frees no email for who asked before it was given up',
    [at(0, create(A)), at(2, create(A)), at(1, change(1, { email: B }))],
  ],
  [
    'gives an email that a change frees to the next',
    [at(0, create(A)), at(2, change(0, { email: B })), at(1, create(A))],
  ],
  [
    'gives an email to the change that asked for it before a create',
    [at(0, create(A)), at(2, change(0, { email: B })), at(1, create(B))],
  ],
  [
    'frees no email for a change that asked before the delete',
    [at(0, create(A)), at(1, create(B)), at(3, change(0, { email: A })), at(2, remove(1))],
  ],
  [
    'refuses a change as a whole, whatever the email is by then',
    [
      at(0, create(A)),
      at(1, create(B)),
      at(3, change(0, { email: A, name: 'Bea' })),
      at(2, change(1, { email: 'c@example.com' })),
    ],
  ],
  ['changes what is deleted later', [at(0, create(A)), at(2, change(0, { name: 'Bea' })), at(1, remove(0))]],
  ['counts what is deleted later', [at(0, create(A)), at(2, visit(0)), at(1, remove(0))]],
  [
    'changes nothing that is deleted',
    [at(0, create(A)), at(2, remove(0)), at(1, change(0, { name: 'Bea' }))],
  ],
  ['counts nothing that is deleted', [at(0, create(A)), at(2, remove(0)), at(1, visit(0))]],
  [
    'counts no repeat of an event for who is deleted',
    [at(0, create(A)), at(1, visit(0)), at(2, remove(0)), at(3, visit(0))],
  ],
  ['deletes once', [at(0, create(A)), at(2, remove(0)), at(1, remove(0))]],
  [
    'goes on refusing a create whose email is free by then',
    [at(0, create(A)), at(1, create(A), 'late'), at(2, remove(1))],
  ],
  [
    'does not take an email back, delivered again',
    [at(0, create(A), 'late'), at(1, change(0, { email: B }), 'late'), at(2, create(A)), at(3, remove(1))],
  ],
  [
    'passes an email on as often as it is asked for',
    [at(4, create(A)), at(3, remove(0)), at(2, create(A)), at(1, remove(0)), at(0, create(A))],
  ],
  [
    'swaps emails by way of a third',
    [
      at(5, create(A)),
      at(4, create(B)),
      at(3, change(1, { email: 'c@example.com' })),
      at(2, change(0, { email: A })),
      at(1, change(1, { email: B })),
    ],
  ],
];
