// The elements of wasm-weld-views, for JSX.
import type { HTMLAttributes, RefObject } from 'preact';
import type { WeldSize } from '../../wasm-weld-views/src/elements';

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'weld-size': HTMLAttributes<WeldSize> & { ref?: RefObject<WeldSize> };
    }
  }
}
