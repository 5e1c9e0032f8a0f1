/**
 * For a button's `loading`: a spinner only for what takes a while. One that comes and goes at once
 * flashes, and antd's then stays in the button, unseen but part of its name.
 *
 * Until it turns, the button can be pressed: what must not run twice looks at `busy` itself.
 */
export const whenSlow = (busy: boolean): false | { delay: number } => busy && { delay: 200 }
