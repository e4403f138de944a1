refused-one-already = These two are one person already.
refused-not-same = Somebody has said that these are two persons. That stands until it is taken back.
refused-are-one = These two are joined. Undo that first.
refused-merge-undone = A colleague was quicker: this has been undone already.
refused-review-decided = A colleague was quicker: this booking has been decided.
refused-review-choose = Choose who it could be first.
refused-review-gone = A colleague was quicker: this guest has been ruled out.
refused-review-undone = This answer has been taken back already.
