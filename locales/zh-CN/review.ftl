refused-one-already = 这两份档案已是同一位客人。
refused-not-same = 已有同事确认这是两位客人；撤回之前不能合并。
refused-are-one = 这两份档案已合并，请先撤销合并。
refused-merge-undone = 同事已先一步：该合并已撤销。
refused-review-decided = 同事已先一步：该预订已确认。
refused-review-choose = 请先选择可能的客人。
refused-review-gone = 同事已先一步：该客人已被排除。
refused-review-undone = 该确认已被撤回。
