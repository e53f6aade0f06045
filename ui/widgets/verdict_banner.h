// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/theme/glyphs.h"
#include "ui/widgets/button.h"
#include "ui/widgets/text_label.h"
#include "ui/widgets/themed.h"

class QHBoxLayout;

namespace ui {

// One line under the title: a verdict's shape, a sentence with the numbers in it, links.
class VerdictBanner : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit VerdictBanner(QWidget *parent = nullptr);

    // `more` further verdicts are told as "+2".
    void tell(Verdict verdict, const QString &sentence, int more = 0);
    QString sentence() const { return m_sentence->text(); }
    Verdict verdict() const { return m_verdict; }
    Button *addLink(const QString &text);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    QColor ink() const;

    Verdict m_verdict = Verdict::Note;
    TextLabel *m_sentence;
    TextLabel *m_more;
    QHBoxLayout *m_layout;
};

} // namespace ui
