/** The fair processing notice (¶21) of one order: what is collected under it, why, who sees it, how long, and what one can do. */
import type { Order } from '../domain/order.js';
import { RIGHTS } from '../ports/duties/duty.js';
import type { Notice, NoticeSection, Notices } from '../ports/duties/notices.js';
import { escapeHtml } from './html.js';
import { conditionWords, DEVICE_WORDS, hasTrail, imposedUnder, storesPositions } from './notice-words.js';

export interface NoticeParts {
  readonly controller: string;
  readonly processor: string;
  /** Where a request is sent, in words. */
  readonly contact: string;
  readonly retentionMonths: number;
}

/** Made from the order alone: no data of others can get in. */
export class OrderNotices implements Notices {
  constructor(private readonly p: NoticeParts) {}

  of(order: Order): Notice {
    const sections = sectionsOf(order, this.p);
    const { orderId, revision } = order;
    return { orderId, revision, sections, text: asText(sections), html: asHtml(sections) };
  }
}

function sectionsOf(order: Order, p: NoticeParts): NoticeSection[] {
  const devices = [...new Set(order.devices.map(({ kind }) => kind))];
  const conditions = [...new Set(order.conditions.map(conditionWords))];
  return [
    { title: 'Why you get this notice', paragraphs: [intro(order, p)] },
    { title: 'What is collected', paragraphs: devices.map((kind) => DEVICE_WORDS[kind]) },
    { title: 'Why, and what is looked at', paragraphs: [...conditions, ...whenLookedAt(order)] },
    {
      title: 'The law that allows it',
      paragraphs: [
        `You are monitored under ${imposedUnder(order)}. What is collected is used to carry out that order or licence, to prevent crime and to protect the public. That is a law enforcement purpose: Part 3 of the Data Protection Act 2018 applies.`,
      ],
    },
    { title: 'Who may see it', paragraphs: whoSees(order, p) },
    {
      title: 'How it is kept, and how long',
      paragraphs: [
        'It is encrypted on its way and where it is kept.',
        `It is destroyed ${years(p.retentionMonths)} after your order or licence ends, unless there is a lawful reason to keep it longer, such as an investigation that is still going on. A signed record of the destruction is made.`,
      ],
    },
    { title: 'Decisions about you', paragraphs: DECISIONS },
    { title: 'Your rights', paragraphs: rights(p) },
  ];
}

const intro = ({ orderId }: Order, { controller, processor }: NoticeParts): string =>
  `You are electronically monitored (order ${orderId}). This notice says what is collected about you, why, who may see it, and what you can ask for. ${controller} decides what it is used for (it is the data controller). ${processor} collects it on its behalf (it is the data processor).`;

function whenLookedAt(order: Order): string[] {
  if (!storesPositions(order)) return ['Your position is not recorded: none of your devices can find it.'];
  if (hasTrail(order)) return [];
  return [
    'Your position is recorded all the time, but nobody watches it all the time. Somebody may look only for a lawful reason that is written down, at the time it is about, and each time is recorded.',
  ];
}

function whoSees({ supervisor, restricted }: Order, { controller, processor }: NoticeParts): string[] {
  return [
    `${processor} sees alerts, and what it needs to handle them. The agency that supervises you (${supervisor}) sees the alerts of your order. ${controller} answers for all of it.`,
    'Where the law allows it and it is necessary, it may be shared with the police, prisons, probation, youth offending teams, courts and other criminal justice agencies, for a specific purpose. What was shared, with whom and why is recorded before it is shared.',
    ...(restricted ? ['Your order is marked: fewer people than usual may look at it.'] : []),
  ];
}

const DECISIONS = [
  'The equipment and the computer raise alerts. They decide nothing about you: a person looks at an alert and decides. You can ask for a decision to be looked at again by another person.',
] as const;

const rights = ({ contact }: NoticeParts): string[] => [
  'You can ask for a copy of what is held about you, and for a list of who looked at it. It is free.',
  'You can ask for what is wrong to be corrected, and for what should not be held to be erased. You will be told the outcome. If your request is refused, you will be told why, as far as the law allows.',
  `To ask: ${contact}.`,
  RIGHTS,
];

const years = (months: number): string =>
  months % 12 === 0 ? `${months / 12} year${months === 12 ? '' : 's'}` : `${months} months`;

const asText = (sections: readonly NoticeSection[]): string =>
  `${sections.map(({ title, paragraphs }) => [title.toUpperCase(), ...paragraphs].join('\n\n')).join('\n\n\n')}\n`;

function asHtml(sections: readonly NoticeSection[]): string {
  const body = sections.map(({ title, paragraphs }) => {
    const text = paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('');
    return `<section><h2>${escapeHtml(title)}</h2>${text}</section>`;
  });
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>How your data is used</title><style>body{font:12pt/1.5 sans-serif;max-width:42em;margin:2em auto;padding:0 1em}</style></head><body><h1>How your data is used</h1>${body.join('\n')}</body></html>\n`;
}
