/** What there is to buy; prices are in cents. */
export const products = [
  { id: 'tea', name: 'Green tea', price: 450 },
  { id: 'mug', name: 'Blue mug', price: 1290 },
  { id: 'pot', name: 'Tea pot', price: 3400 },
]
