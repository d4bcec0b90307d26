/** The purposes for which the Code of Practice allows personal data to be processed (¶15, ¶22–32, ¶36–45). */
export const PURPOSES = [
  /** ¶15: that the right person is tagged. */
  'tagging',
  /** ¶15: compliance with the order or licence; its supervision. */
  'compliance_monitoring',
  /** ¶15, ¶17–18: location in accordance with the order. */
  'location_monitoring',
  /** ¶15, ¶26: performance of the contract. */
  'contract_performance',
  /** ¶15, ¶26: safeguarding the public, staff, life. */
  'safeguarding',
  /** ¶15: duties under the Equality Act 2010. */
  'equality_duty',
  /** ¶15, ¶26: a lawful enquiry of a criminal justice agency: prevention, investigation, detection. */
  'criminal_justice_enquiry',
  /** ¶29: a direction of a court. */
  'court_direction',
  /** ¶31: a request of the person concerned. */
  'subject_access',
  /** ¶43–45: rectification and erasure. */
  'data_rights',
  /** ¶36–42, DPA 2018 s.62: oversight of who read what, incidents. */
  'oversight',
  /** ¶26: forensic examination of equipment; its maintenance. */
  'equipment',
  /** ¶32: freedom of information; statistics that name nobody. */
  'statistics',
] as const;
export type Purpose = (typeof PURPOSES)[number];
