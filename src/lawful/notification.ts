/** What an SMS or an e-mail says (¶33): that there is something to look at, and nothing of whom or what. */

/** The same for everybody and everything: it takes nothing in, so nothing personal can come out. */
export const NOTIFICATION_TEXT = 'Electronic monitoring: there is something new for you. Please look at the portal.';
